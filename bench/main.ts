/** Prints one table of our figures beside those of other tools: `deno task bench`. Nothing is asserted. */
import fs from "node:fs";
import process from "node:process";
import { machine, makeFolder } from "./machine.ts";
import { SECTIONS, type Sizes } from "./sections.ts";
import { type Row, table } from "./table.ts";

const DEFAULTS: Sizes = {
  tasks: 100_000,
  workers: 2,
  cached: 10_000,
  manyCached: 100_000,
  files: 10_000,
  manyFiles: 100_000,
  chain: 10_000,
  fan: 100_000,
  planned: 1_000_000,
  jobs: 1_000,
  packed: 10_000,
  moments: 50,
  repeat: 3,
};

const HELP = `deno task bench [--only=section,…] [--size=number …]

Sections: ${Object.keys(SECTIONS).join(", ")}
Sizes:    ${Object.entries(DEFAULTS).map(([name, size]) => `--${name}=${size}`).join(" ")}

Files go to TMPDIR, or to /dev/shm if there is no TMPDIR.
`;

/** Reads the command line; ends the program when it is wrong. */
function options(args: readonly string[]): { readonly sizes: Sizes; readonly sections: readonly string[] } {
  const sizes: Record<string, number> = { ...DEFAULTS };
  let sections: readonly string[] = Object.keys(SECTIONS);
  for (const arg of args) {
    const [, name = "", text = ""] = /^--(\w+)(?:=(.*))?$/.exec(arg) ?? [];
    const size = Number(text.replaceAll("_", ""));
    if (name === "only" && text.split(",").every((one) => one in SECTIONS)) sections = text.split(",");
    else if (name in DEFAULTS && Number.isInteger(size) && size > 0) sizes[name] = size;
    else {
      process.stderr.write(name === "help" ? HELP : `What is ${arg}?\n\n${HELP}`);
      process.exit(name === "help" ? 0 : 2);
    }
  }
  return { sizes: sizes as unknown as Sizes, sections };
}

const { sizes, sections } = options(process.argv.slice(2));
const folder = makeFolder();
process.on("SIGINT", () => {
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(130);
});
try {
  process.stdout.write(`${machine(folder)}\n`);
  const rows: Row[] = [];
  for (const name of sections) {
    process.stderr.write(`measuring: ${name}\n`);
    try {
      rows.push(...await SECTIONS[name]!(folder, sizes));
    } catch (error) {
      rows.push({ what: name, ours: "failed: see above" });
      process.stderr.write(`${(error as Error).message}\n`);
    }
  }
  process.stdout.write(`\n${table(rows)}\n`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** What a person types for `runner`, however that was started. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { Place } from "../cli/support.ts";
import { environment } from "../dispatch/queues.ts";
import { typedCommand } from "../../src/runtime/typed_command.ts";
import { fromFileUrl } from "../support/paths.ts";
import { tempFolder } from "../support/temp.ts";

const FILE = fromFileUrl("../../cli.ts");
const CLI = `file://${FILE}`;
const DENO = Deno.execPath();

/** A folder for the PATH with programs in it. */
function programs(made: Readonly<Record<string, string>>): { readonly path: string } & Disposable {
  const temp = tempFolder();
  for (const [name, text] of Object.entries(made)) {
    fs.writeFileSync(`${temp.path}/${name}`, text, { mode: 0o755 });
  }
  return temp;
}

Deno.test("the runtime with cli.ts, as it is found from here; its name where that is on the PATH", () => {
  using bin = programs({ runner: "#!/bin/sh\nexec another program\n", deno: "another" });
  using _ = environment({ PATH: bin.path });
  const inside = `file://${Deno.cwd()}/some/cli.ts`;
  assertEquals(typedCommand(inside), [DENO, "run", "-A", "some/cli.ts"]);
  assertEquals(typedCommand("file:///elsewhere/cli.ts"), [DENO, "run", "-A", "/elsewhere/cli.ts"]);
  assertEquals(typedCommand("https://example.org/cli.ts"), [DENO, "run", "-A", "https://example.org/cli.ts"]);
  fs.rmSync(`${bin.path}/deno`);
  fs.symlinkSync(DENO, `${bin.path}/deno`);
  assertEquals(typedCommand(inside), ["deno", "run", "-A", "some/cli.ts"]);
});

Deno.test("runner, where that is on the PATH and starts this program", () => {
  using other = programs({ runner: "#!/bin/sh\nexec deno run -A 'file:///other/cli.ts' \"$@\"\n" });
  using installed = programs({ runner: `#!/bin/sh\nexec deno run -A '${CLI}' "$@"\n` });
  using linked = tempFolder();
  fs.symlinkSync(FILE, `${linked.path}/runner`);
  fs.chmodSync(`${installed.path}/runner`, 0o755);
  const typedBy = (path: string): string => {
    using _ = environment({ PATH: path });
    return typedCommand(CLI)[0];
  };
  assertEquals([installed.path, `/nowhere:${installed.path}:${other.path}`].map(typedBy), [
    "runner",
    "runner",
  ]);
  assertEquals(typedBy(`${other.path}:${installed.path}`), DENO, "the first one is what would be started");
  fs.chmodSync(`${installed.path}/runner`, 0o644);
  assertEquals(typedBy(installed.path), DENO, "what cannot be started is no command");
});

Deno.test("hints are to be typed as the program was: after a failure, and for a command that is none", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const bad = task("bad", () => { throw new Error("no"); });
`,
  });
  using bin = programs({ runner: `#!/bin/sh\nexec "${DENO}" run -A --quiet '${CLI}' "$@"\n` });
  fs.symlinkSync(DENO, `${bin.path}/deno`);
  const path = `${bin.path}:/usr/bin:/bin`;
  const told = async (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const { stderr } = await place.start(args, { env }).ended;
    return /(?:rerun|say|resuming): (.*)$/m.exec(stderr)?.[1];
  };
  assertEquals(await told({ PATH: path }, "run", "p.ts", "bad"), "runner run p.ts bad");
  fs.rmSync(`${bin.path}/runner`);
  const typed = `deno run -A ${FILE}`;
  assertEquals(await told({ PATH: path }, "run", "p.ts", "bad"), `${typed} run p.ts bad`);
  assertEquals(await told({ PATH: path }, "p.ts"), `${typed} run p.ts`);
  assertEquals(await told({ PATH: path }, "resume", "last"), `${typed} run p.ts bad`);
});

/** `runner run … --watch` as a user has it: real edits, a real watcher, and a test that waits for what is printed. */
import fs from "node:fs";
import { basename } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { until } from "../support/files.ts";
import { childrenOf, marked } from "../support/leaks.ts";
import { tempFolder } from "../support/temp.ts";
import { isAlive, Place, type Running } from "./support.ts";

const PIPELINE = `
import fs from "node:fs";
import { task } from "runner";
import { end } from "./end.ts";

export const shout = task("shout", {
  inputs: ["src/*.md"],
  outputs: ["out/all.txt"],
  run: () => {
    const text = fs.readdirSync("src").sort().map((name) => fs.readFileSync("src/" + name, "utf8")).join("+") + end;
    if (text.includes("bad")) throw new Error("bad text");
    fs.writeFileSync("out/all.txt", text);
    return text;
  },
});
export const main = shout();
`;
const FILES = {
  "pipeline.ts": PIPELINE,
  "end.ts": 'export const end = "!";\n',
  "src/a.md": "a",
  "src/b.md": "b",
};

/** A watch that runs; its lines are waited for one after another. */
class Watch implements AsyncDisposable {
  readonly program: Running;
  private readonly mark = `WATCH_TEST_${crypto.randomUUID()}`;

  constructor(readonly place: Place, ...args: readonly string[]) {
    this.program = place.start(["run", "pipeline.ts", "--watch", "--debounce", "50ms", ...args], {
      env: { [this.mark]: "1" },
    });
  }

  /** Waits for a line on standard output. */
  async prints(text: string): Promise<void> {
    await this.program.line((line) => line === text);
  }

  /** The processes that belong to it. */
  get processes(): readonly number[] {
    return marked(this.mark);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.processes) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
    await this.program.ended;
  }
}

Deno.test("a module that is gone is waited for", async () => {
  using place = new Place(FILES);
  await using watch = new Watch(place);
  await watch.prints("a+b!");
  fs.rmSync(`${place.path}/end.ts`);
  await watch.program.complaint("Module not found");
  await watch.program.complaint("watching 2 files");
  place.write("end.ts", 'export const end = "?";\n');
  await watch.prints("a+b?");
});

Deno.test("edits, new files, failures that are mended, the pipeline's own code, and Ctrl-C", async () => {
  using place = new Place(FILES);
  await using watch = new Watch(place);
  await watch.prints("a+b!");
  await watch.program.complaint("watching 5 files");
  place.write("src/a.md", "A");
  await watch.prints("A+b!");
  await watch.program.complaint("src/a.md changed");
  place.write("src/c.md", "c");
  await watch.prints("A+b+c!");
  place.write("src/b.md", "bad");
  await watch.program.complaint("bad text");
  place.write("src/b.md", "B");
  await watch.prints("A+B+c!");
  place.write("end.ts", 'export const end = "?";\n');
  await watch.prints("A+B+c?");
  await watch.program.complaint("end.ts changed: loading the pipeline again");
  place.write("end.ts", "export const end = ;\n");
  await watch.program.complaint("does not load");
  place.write("end.ts", 'export const end = ".";\n');
  await watch.prints("A+B+c.");
  place.write("pipeline.ts", PIPELINE.replace('.join("+")', '.join("-")'));
  await watch.prints("A-B-c.");
  assertEquals(place.read("out/all.txt"), "A-B-c.");
  fs.rmSync(`${place.path}/src/c.md`);
  await watch.prints("A-B.");
  watch.program.kill("SIGINT");
  const { code } = await watch.program.ended;
  assertEquals(code, 130);
  await until("nothing is left", () => watch.processes.length === 0);
});

Deno.test("an output that is edited or removed by hand comes back, without a run of its task", async () => {
  using place = new Place(FILES);
  await using watch = new Watch(place);
  await watch.prints("a+b!");
  await watch.program.complaint("watching 5 files");
  place.write("out/all.txt", "by hand");
  await until("the output to be back", () => place.read("out/all.txt") === "a+b!");
  await watch.program.complaint("restored out/all.txt");
  fs.rmSync(`${place.path}/out`, { recursive: true });
  await until("the output to be back", () => place.read("out/all.txt") === "a+b!");
  watch.program.kill("SIGTERM");
  const { code, stderr } = await watch.program.ended;
  assertEquals(code, 143);
  assertEquals(stderr.match(/^ran shout/gm)?.length, 1);
});

Deno.test("files beside the working folder: named, found by a glob, below a folder and found out", async () => {
  using ext = tempFolder();
  const up = `../${basename(ext.path)}`;
  fs.mkdirSync(`${ext.path}/f`);
  for (const name of ["e.txt", "g.y", "f/in.txt", "d.txt"]) fs.writeFileSync(`${ext.path}/${name}`, "1");
  using place = new Place({
    "pipeline.ts": `
import fs from "node:fs";
import { all, task } from "runner";

const read = (path: string) => fs.readFileSync(path, "utf8");
const literal = task("literal", { inputs: "${up}/e.txt", run: () => read("${up}/e.txt") });
const glob = task("glob", { inputs: "${up}/*.y", run: () => read("${up}/g.y") });
const folder = task("folder", { inputs: "${up}/f", run: () => read("${up}/f/in.txt") });
const dep = task("dep", { run: (_input: undefined, ctx) => read(ctx.dep("${up}/d.txt")) });
export const main = all([literal(), glob(), folder(), dep()]);
`,
  });
  await using watch = new Watch(place, "--json");
  const gives = async (...values: readonly string[]) => {
    const text = JSON.stringify(values);
    await watch.program.line((line) => JSON.stringify(JSON.parse(line).value) === text);
  };
  const edit = (name: string) => fs.writeFileSync(`${ext.path}/${name}`, "two");
  await gives("1", "1", "1", "1");
  edit("e.txt");
  await gives("two", "1", "1", "1");
  edit("g.y");
  await gives("two", "two", "1", "1");
  edit("f/in.txt");
  await gives("two", "two", "two", "1");
  edit("d.txt");
  await gives("two", "two", "two", "two");
});

Deno.test("a folder beside the working folder that is read through a link too", async () => {
  using ext = tempFolder();
  const up = `../${basename(ext.path)}`;
  fs.writeFileSync(`${ext.path}/e.txt`, "1");
  using place = new Place({
    "pipeline.ts": `
import fs from "node:fs";
import { all, task } from "runner";

const read = (path: string) => fs.readFileSync(path, "utf8");
const literal = task("literal", { inputs: "${up}/e.txt", run: () => read("${up}/e.txt") });
const glob = task("glob", { inputs: "${up}/*.txt", run: () => read("${up}/e.txt") });
const link = task("link", { inputs: "link/**", run: () => read("link/e.txt") });
export const main = all([literal(), glob(), link()]);
`,
  });
  fs.symlinkSync(up, `${place.path}/link`);
  await using watch = new Watch(place);
  await watch.prints("[ '1', '1', '1' ]");
  await watch.program.complaint("watching 3 files");
  fs.writeFileSync(`${ext.path}/e.txt`, "two");
  await watch.prints("[ 'two', 'two', 'two' ]");
});

Deno.test("--json tells of the watch too", async () => {
  using place = new Place(FILES);
  await using watch = new Watch(place, "--json");
  await watch.program.line((line) => JSON.parse(line).kind === "watch-waiting");
  place.write("src/a.md", "A");
  const changed = await watch.program.line((line) => JSON.parse(line).kind === "watch-changed");
  assertEquals(JSON.parse(changed), { v: 1, kind: "watch-changed", paths: ["src/a.md"] });
  await watch.program.line((line) => JSON.parse(line).value === "A+b!");
  place.write("end.ts", 'export const end = "?";\n');
  const reload = await watch.program.line((line) => JSON.parse(line).kind === "watch-reload");
  assertEquals(JSON.parse(reload), { v: 1, kind: "watch-reload", paths: ["end.ts"] });
  await watch.program.line((line) => JSON.parse(line).value === "A+b?");
});

Deno.test("who kills the first process with -9 leaves none behind", async () => {
  using place = new Place(FILES);
  await using watch = new Watch(place);
  await watch.program.complaint("watching 5 files");
  const children = [...childrenOf(watch.program.pid).keys()];
  assertEquals(children.length, 1);
  watch.program.kill("SIGKILL");
  await until("the other one to end", () => !isAlive(children[0]!));
  await until("nothing is left", () => watch.processes.length === 0);
});

Deno.test("what no edit can mend is refused at once", async () => {
  using place = new Place(FILES);
  const refused = async (...args: readonly string[]) => await place.runner("run", ...args, "--watch");
  const missing = await refused("pipelin.ts");
  assertEquals(missing.code, 2);
  assert(missing.stderr.includes('did you mean "pipeline.ts"'), missing.stderr);
  const negative = await refused("pipeline.ts", "--debounce=-1");
  assertEquals(negative.code, 2);
  assert(negative.stderr.includes("--debounce"), negative.stderr);
  assertEquals((await refused("pipeline.ts", "--workers", "0")).code, 2);
  assertEquals((await refused("pipeline.ts", "--dry")).code, 2);
});

/** Ctrl-C and SIGTERM, sent to a real process while a task runs: what ends, what is left, and the exit code. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { appeared, filesEnding, until } from "../support/files.ts";
import { childrenOf, leftInCache } from "../support/leaks.ts";
import { isAlive, type JsonLine, Place, runs } from "./support.ts";

const PIPELINE = `import { all, task } from "runner";
import { spawn } from "node:child_process";
import fs from "node:fs";
export const quick = task("quick", () => "done");
export const gentle = task("gentle", async (_: undefined, ctx) => {
  fs.writeFileSync(ctx.directory + "/half.txt", "half");
  await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));
});
/** Never listens, and has a child process of its own. */
export const deaf = task("deaf", {
  isolation: "process",
  run: () => {
    const child = spawn("tail", ["-f", "/dev/null"], { stdio: "ignore" });
    fs.writeFileSync("pids.new", process.pid + " " + child.pid);
    fs.renameSync("pids.new", "pids");
    while (true);
  },
});
/** The same in a thread. */
export const parent = task("parent", () => {
  const child = spawn("sh", ["-c", "tail -f /dev/null & wait"], { stdio: "ignore" });
  fs.writeFileSync("pids.new", String(child.pid));
  fs.renameSync("pids.new", "pids");
  while (true);
});
export const busy = task("busy", () => { fs.writeFileSync("busy", ""); while (true); });
export const later = task("later", { deps: () => ({ g: gentle(), q: quick() }), run: () => "late" });
export const tired = task("tired", async (_: undefined, ctx) => {
  await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
  throw new Error("I was not done");
});
`;

/** What must hold once a cancelled program has ended. */
function nothingHalf(place: Place, lines: readonly JsonLine[], cached: readonly string[]): void {
  const cache = `${place.path}/.runner/cache`;
  assertEquals(lines.at(-1)!.kind, "error");
  assertEquals((lines.at(-1)!["error"] as { name: string }).name, "RunCancelled");
  assertEquals(
    filesEnding(cache, ".result.gz").map((file) => file.slice(cache.length + 1).split("/")[0]),
    cached,
  );
  assertEquals(leftInCache(cache), []);
  assertEquals(filesEnding(cache, "half.txt"), [], "the folder of an attempt that did not end is gone");
}

const parse = (stdout: string) => stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as JsonLine);

Deno.test("SIGINT: running tasks are asked, nothing new starts, what was done stays", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const program = place.start(["run", "p.ts", "later", "--json", "--workers", "2"]);
  await program.line(runs("gentle"));
  await program.line((line) => line.includes('"task":"quick"') && line.includes('"to":"succeeded"'));
  await appeared(`${place.path}/.runner/cache/gentle`);
  program.kill("SIGINT");
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stderr], [
    130,
    "stopping: nothing new starts, running tasks are asked to stop (Ctrl-C again ends them)\n",
  ]);
  const lines = parse(stdout);
  nothingHalf(place, lines, ["quick"]);
  assert(!lines.some((line) => line["task"] === "later" && line["to"] === "running"));
  assert(lines.some((line) => line["task"] === "gentle" && line["to"] === "cancelled"));
  const next = await place.json("run", "p.ts", "quick");
  assertEquals(
    (next.lines.find((line) => line.kind === "run-ended")!["stats"] as { upToDate: number }).upToDate,
    1,
  );
});

Deno.test("a second SIGINT ends tasks that do not listen, with all their processes", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const program = place.start(["run", "p.ts", "deaf", "--json"]);
  await program.line(runs("deaf"));
  await appeared(`${place.path}/pids`);
  const pids = place.read("pids").split(" ").map(Number);
  assert(pids.every(isAlive));
  program.kill("SIGINT");
  await program.complaint("stopping: ");
  assert(pids.every(isAlive), "the first one only asks");
  program.kill("SIGINT");
  const { code, stdout, stderr } = await program.ended;
  assertEquals(code, 130);
  assertStringIncludes(stderr, "ending: running tasks are ended\n");
  nothingHalf(place, parse(stdout), []);
  await until("no process is left", () => !pids.some(isAlive));
});

Deno.test("what a thread has started that never yields is ended with the program, and nothing else", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const other = new Deno.Command("tail", { args: ["-f", "/dev/null"], stdout: "null" }).spawn();
  const program = place.start(["run", "p.ts", "parent", "--json"]);
  await appeared(`${place.path}/pids`);
  const child = Number(place.read("pids"));
  await until("it has a child of its own", () => childrenOf(child).size > 0);
  const pids = [child, ...childrenOf(child).keys()];
  program.kill("SIGINT");
  await program.complaint("stopping: ");
  assert(pids.every(isAlive), "the first one only asks");
  program.kill("SIGINT");
  assertEquals((await program.ended).code, 130);
  await until("no process is left", () => !pids.some(isAlive));
  assert(isAlive(other.pid));
  other.kill();
  await other.status;
});

Deno.test("SIGTERM ends at once: exit code 143, nothing left", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const program = place.start(["run", "p.ts", "deaf", "--json"]);
  await program.line(runs("deaf"));
  await appeared(`${place.path}/pids`);
  const pids = place.read("pids").split(" ").map(Number);
  program.kill("SIGTERM");
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stderr], [143, "ending: running tasks are ended\n"]);
  nothingHalf(place, parse(stdout), []);
  await until("no process is left", () => !pids.some(isAlive));
});

Deno.test("a thread that never yields does not keep the program", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const program = place.start(["run", "p.ts", "busy", "--json"]);
  await appeared(`${place.path}/busy`);
  program.kill("SIGTERM");
  const { code } = await program.ended;
  assertEquals(code, 143);
});

Deno.test("a task that fails because it was asked to stop does not make it exit code 1", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const program = place.start(["run", "p.ts", "tired", "--json"]);
  await program.line(runs("tired"));
  program.kill("SIGINT");
  assertEquals((await program.ended).code, 130);
});

Deno.test("a pipeline that takes its time to load can be interrupted", async () => {
  using place = new Place({
    "p.ts": `import fs from "node:fs";
fs.writeFileSync("begun", "");
await Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response()).finished;
export const main = 1;
`,
  });
  const program = place.start(["run", "p.ts"]);
  await appeared(`${place.path}/begun`);
  program.kill("SIGINT");
  assertEquals((await program.ended).code, 130);
  assert(!fs.existsSync(`${place.path}/.runner`));
});

Deno.test("people are told with a summary", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const program = place.start(["run", "p.ts", "deaf"]);
  await appeared(`${place.path}/pids`);
  program.kill("SIGTERM");
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stdout, place.plain(stderr)], [
    143,
    "",
    "ending: running tasks are ended\n✗ ran 0 · up to date 0 · failed 0 · skipped 0 · cancelled 1 · <time>\n",
  ]);
});

for (const signal of ["SIGUSR1", "SIGUSR2", "SIGXCPU"] as const) {
  Deno.test(`${signal} warns a run that is a cluster's job: running tasks are asked, nothing new starts`, async () => {
    using place = new Place({ "p.ts": PIPELINE });
    const program = place.start(["run", "p.ts", "later", "--workers", "2"]);
    await appeared(`${place.path}/.runner/cache/gentle`);
    program.kill(signal);
    const { code, stderr } = await program.ended;
    assertEquals(code, 143);
    assertStringIncludes(stderr, "warned by the scheduler: nothing new starts");
    assert(!/debugger|inspector/i.test(stderr), "the runtime has no other use for it while somebody listens");
    assertEquals(filesEnding(`${place.path}/.runner/cache`, "half.txt"), []);
  });
}

Deno.test("a run that is out of time says so, also when a task runs past its own timeout while it is asked to stop", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
const run = () => new Promise((resolve) => setTimeout(resolve, 5_000));
export const thread = task("thread", { timeout: "900ms", run });
export const process = task("process", { timeout: "900ms", isolation: "process", run });
`,
  });
  for (const name of ["thread", "process"]) {
    const { code, stderr } = await place.runner("run", "p.ts", name, "--timeout", "700ms");
    assertEquals(code, 130);
    assertStringIncludes(stderr, "it has run past its timeout of 700 ms");
    assert(!stderr.includes("timed-out"), stderr);
  }
});

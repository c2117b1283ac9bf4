/** Going on with a run that was cut off. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { until } from "../support/files.ts";
import { asInstalled, Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import fs from "node:fs";
const runs = (name: string) => fs.appendFileSync("ran", name);
const shown = async (file: string) => {
  while (!fs.existsSync(file)) await new Promise((done) => setTimeout(done, 10));
};
export const first = task("first", () => runs("a"));
export const second = task("second", { deps: ["first"], run: async () => { runs("b"); await shown("go"); } });
export const third = task("third", { deps: ["second"], run: async () => { runs("c"); await shown("on"); } });
`;

/** The runs that `ps` lists, by how they are. */
async function listed(place: Place, ...args: string[]): Promise<string[]> {
  const { stdout } = await place.runner("ps", "--json", ...args);
  return stdout.split("\n").slice(0, -1).map((line) => (JSON.parse(line) as { is: string }).is);
}

/** Runs until the tasks that wait have begun so often, and is killed. */
async function cutOff(place: Place, args: readonly string[], ran: string): Promise<void> {
  const program = place.start(args);
  await until(`${ran} has run`, () => place.read("ran") === ran);
  program.kill("SIGKILL");
  await program.ended;
}

Deno.test("a run that was forced: what it has done before it was cut off is not done again, all else is", async () => {
  using place = new Place({ "p.ts": PIPELINE, go: "", on: "" });
  assertEquals((await place.runner("run", "p.ts", "third")).code, 0);
  assertEquals(place.read("ran"), "abc");
  place.remove("go");
  place.remove("on");
  await cutOff(place, ["run", "p.ts", "third", "--force"], "abcab");
  place.write("go", "");
  // Cut off once more: what the first of the two has done is still known.
  await cutOff(place, ["resume", "last"], "abcabbc");
  place.write("on", "");
  const { code, stderr } = await place.runner("resume", "last");
  assertEquals([code, place.read("ran")], [0, "abcabbcc"], stderr);
  assertStringIncludes(asInstalled(stderr), "resuming: runner run p.ts third --force\n");
  assertStringIncludes(stderr, "ran third ");
  // The same command by itself forces all of it.
  assertEquals((await place.runner("run", "p.ts", "third", "--force")).code, 0);
  assertEquals(place.read("ran"), "abcabbccabc");
});

Deno.test("a run that was cut off is not listed any more when another has done its work, however that was asked for", async () => {
  using place = new Place({ "p.ts": PIPELINE, on: "" });
  await cutOff(place, ["run", "p.ts", "third", "--cache", "kept"], "ab");
  await cutOff(place, ["run", "p.ts", "third", "--cache", "kept", "--force"], "abab");
  assertEquals(await listed(place), ["cut off", "cut off"]);
  place.write("go", "");
  // Other work: another target, another cache, other parameters, a part of it.
  await place.runner("run", "p.ts", "second", "--cache", "kept");
  await place.runner("run", "p.ts", "third");
  await place.runner("run", "p.ts", "third", "--cache", "kept", "--param", "a=1");
  await place.runner("run", "p.ts", "third", "--cache", "kept", "--only", "third");
  assertEquals(await listed(place), ["cut off", "cut off"]);
  await place.runner("run", "p.ts", "third", "--cache=./kept", "--workers", "1", "--keep-going");
  assertEquals(await listed(place), ["cut off"], "what was to be made anew was not");
  await place.runner("run", "p.ts", "third", "--cache", "kept", "--force");
  assertEquals([await listed(place), await listed(place, "--all")], [[], ["done", "done"]]);
  // Names tell no more than the second: the first of the two is the one that forced nothing.
  const noted = (run: string) => `${place.path}/.runner/runs/${run}/run.json`;
  const run = fs.readdirSync(`${place.path}/.runner/runs`).find((run) =>
    fs.existsSync(noted(run)) && !fs.readFileSync(noted(run), "utf8").includes("--force")
  );
  const told = `${run} is over: it was cut off or failed, and <run> has done its work since`;
  const { code, stderr } = await place.runner("resume", run!);
  const again = "there is nothing to go on with; to run it once more: runner run p.ts third --cache kept";
  assertEquals([code, place.plain(stderr)], [2, place.plain(`error: ${told}: ${again}\n`)]);
});

Deno.test("how long a run went on that was cut off: until it was last seen alive", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  await cutOff(place, ["run", "p.ts", "third"], "ab");
  const [run] = fs.readdirSync(`${place.path}/.runner/runs`);
  const folder = `${place.path}/.runner/runs/${run}`;
  const record = JSON.parse(place.read(`.runner/runs/${run}/run.json`)) as { began: number };
  place.write(`.runner/runs/${run}/run.json`, JSON.stringify({ ...record, began: 1_000_000 }));
  fs.utimesSync(`${folder}/run.json`, 1_075, 1_075);
  fs.utimesSync(folder, 1_010, 1_010);
  assertStringIncludes((await place.runner("ps")).stdout, `${run}  cut off  seen for 1 min 15 s  `);
  for (const file of [`${folder}/run.json`, folder]) fs.utimesSync(file, 1_000, 1_000);
  assertStringIncludes((await place.runner("ps")).stdout, `${run}  cut off  seen at its start  `);
});

Deno.test("a run that is over: when and how it ended, and what to do", async () => {
  using place = new Place({ "p.ts": PIPELINE, go: "", on: "" });
  const none = await place.runner("cancel", "last");
  assertEquals(
    [none.code, none.stderr],
    [
      2,
      `error: There is no run "last", nor any other, in ${place.path}/.runner; --state names another folder\n`,
    ],
  );
  const plain = (text: string) => place.plain(text).replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<when>");
  assertEquals((await place.runner("run", "p.ts")).code, 2);
  assertEquals((await place.runner("run", "p.ts", "third", "--cache", "elsewhere")).code, 0);
  const { stdout } = await place.runner("history", "--json", "--limit", "1");
  const [{ run }] = JSON.parse(stdout) as [{ run: string }];
  const over = "<run> is over: it ended well (exit code 0) at <when>, after <time>";
  for (const name of [run, run.slice(-6), "last"]) {
    const resumed = await place.runner("resume", name);
    const again =
      "there is nothing to go on with; to run it once more: runner run p.ts third --cache elsewhere";
    assertEquals([resumed.code, plain(resumed.stderr)], [2, `error: ${over}: ${again}\n`]);
    const cancelled = await place.runner("cancel", name);
    assertEquals([cancelled.code, plain(cancelled.stdout)], [0, `${over}; there is nothing to cancel\n`]);
  }
  // One that failed can be gone on with; it has nothing that could be cancelled.
  place.write("q.ts", PIPELINE.replace('runs("a")', "{ throw new Error('no'); }"));
  assertEquals((await place.runner("run", "q.ts", "first")).code, 1);
  const failed = await place.runner("cancel", "last");
  assertEquals(
    [failed.code, plain(failed.stdout)],
    [0, "<run> is over: it failed at <when>, after <time>, and has left nothing behind\n"],
  );
  const again = await place.runner("resume", "last");
  assertStringIncludes(asInstalled(again.stderr), "resuming: runner run q.ts first\n");
});

Deno.test("where the cache is does not matter to commands about runs", async () => {
  using place = new Place();
  for (const command of ["ps", "cancel", "resume"]) {
    const { code, stderr } = await place.runner(command, "last", "--cache", "kept");
    assertEquals([code, stderr], [
      2,
      `error: ${command} has no --cache: runs are noted in the folder of state, wherever their caches are; --state names another than .runner\n`,
    ]);
  }
});

Deno.test("a run that is gone on with is not gone on with once more; where that could not begin, it can be again", async () => {
  using place = new Place({ "p.ts": PIPELINE, on: "" });
  await cutOff(place, ["run", "p.ts", "third"], "ab");
  const text = place.read("p.ts");
  place.write("p.ts", "const = ;\n");
  assertEquals((await place.runner("resume", "last")).code, 2);
  assertEquals(await listed(place), ["cut off"]);
  place.write("p.ts", text);
  const first = place.start(["resume", "last"]);
  await until("the second task has begun again", () => place.read("ran") === "abb");
  const second = await place.runner("resume", "last");
  assertEquals([second.code, place.read("ran")], [2, "abb"]);
  assertStringIncludes(second.stderr, " already, as process ");
  place.write("go", "");
  assertEquals([(await first.ended).code, place.read("ran")], [0, "abbc"]);
});

/** Labels that are sent elsewhere by a prefix, through the command line, with real commands. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { appeared, filesEnding, until } from "../support/files.ts";
import { childrenOf } from "../support/leaks.ts";
import { isAlive, Place, statsOf, valueOf } from "./support.ts";

const FIXTURE = fs.readFileSync(new URL("../fixtures/dispatched.ts", import.meta.url), "utf8");

function place(more: Readonly<Record<string, string>> = {}): Place {
  return new Place({ "p.ts": FIXTURE, ...more });
}

/** A command that writes its words down, one a line, and does what is behind them. */
const WRAP = `#!/bin/sh
while [ "$1" != -- ]; do printf '%s\\n' "$1" >> words; shift; done
shift
exec "$@"
`;

function wrapped(): Place {
  const here = place({ "wrap.sh": WRAP });
  fs.chmodSync(`${here.path}/wrap.sh`, 0o755);
  return here;
}

Deno.test("tasks with the label go through the command, others do not; results are found again", async () => {
  using here = wrapped();
  const prefix = "gpu=./wrap.sh {task} {input.n} --";
  const { code, stdout, stderr } = await here.runner("run", "p.ts", "sum", "--to", "3", "--prefix", prefix);
  assertEquals([code, stdout], [0, "5\n"], stderr);
  assertEquals(here.read("words").trimEnd().split("\n").sort(), [
    "0",
    "1",
    "2",
    "square",
    "square",
    "square",
  ]);
  const again = await here.json("run", "p.ts", "sum", "--to", "3", "--prefix", prefix);
  assertEquals([valueOf(again.lines), statsOf(again.lines)["upToDate"]], [5, 4]);
  assertEquals(again.code, 0);
  const logs = filesEnding(`${here.path}/.runner/cache/square`, ".stdout.txt");
  assertEquals(logs.map((file) => fs.readFileSync(file, "utf8")).sort(), [
    "squaring 0\n",
    "squaring 1\n",
    "squaring 2\n",
  ]);
  assertEquals(
    fs.readdirSync(`${here.path}/.runner/cache/~jobs`),
    [],
    "nothing is left of jobs that went well",
  );
});

Deno.test("values of all sizes, outputs, folders and nested work come and go", async () => {
  using here = place();
  const run = (...words: string[]) => here.runner("run", "p.ts", ...words, "--prefix", "gpu=env");
  assertEquals((await run("measured")).stdout, "700000\n");
  assertEquals(filesEnding(`${here.path}/.runner/cache/large`, "note.txt").length, 1);
  assertEquals((await run("nested", "--to", "4")).stdout, "15\n");
  assertEquals((await run("all")).code, 0);
  assertEquals([here.read("a.txt"), here.read("b.txt")], ["made of a", "made of b"]);
  fs.rmSync(`${here.path}/a.txt`);
  assertStringIncludes((await run("all")).stderr, "restored a.txt");
});

for (const cache of ["none", "memory"]) {
  Deno.test(`without a cache on disk (${cache})`, async () => {
    using here = place();
    const { code, stdout, stderr } = await here.runner(
      ...["run", "p.ts", "measured", "--prefix", "gpu=env", "--cache", cache],
    );
    assertEquals([code, stdout], [0, "700000\n"], stderr);
  });
}

for (
  const [how, says] of [
    ["throws", "TypeError: not today"],
    ["exits", "exit code 9"],
    ["is killed", "SIGKILL"],
    ["unclonable", "is a function"],
  ] as const
) {
  Deno.test(`a task that ${how} elsewhere fails like one that does here`, async () => {
    using here = place();
    const { code, stderr } = await here.runner("run", "p.ts", "bad", "--how", how, "--prefix", "gpu=env");
    assertEquals(code, 1);
    assertStringIncludes(stderr, says);
    if (how !== "unclonable") assertStringIncludes(stderr, `going down: ${how}`);
  });
}

Deno.test("a task that never ends is ended at its timeout", async () => {
  using here = place();
  const { code, stderr } = await here.runner("run", "p.ts", "busy", "--prefix", "gpu=env");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "past its timeout of 300 ms");
  await until("its process is gone", () => !isAlive(Number(here.read("begun"))));
});

Deno.test("a task elsewhere that is asked to stop because the run is does not time out meanwhile", async () => {
  using here = new Place({
    "q.ts": `import { task } from "runner";
import fs from "node:fs";
export const late = task("late", {
  labels: "gpu",
  timeout: "700ms",
  run: (_: undefined, ctx) => {
    fs.writeFileSync("begun", "");
    return new Promise<void>((_, reject) =>
      ctx.signal.addEventListener("abort", () => setTimeout(() => reject(new Error("not done")), 800))
    );
  },
});
`,
  });
  const program = here.start(["run", "q.ts", "late", "--prefix", "gpu=env"]);
  await appeared(`${here.path}/begun`);
  program.kill("SIGINT");
  const { code, stderr } = await program.ended;
  assertEquals(code, 130, stderr);
  assert(!stderr.includes("timeout"), stderr);
});

Deno.test("a command that starts several processes of one step runs the task once", async () => {
  const step = `#!/bin/sh
export SLURM_JOB_ID=5 SLURM_STEP_ID=0
SLURM_PROCID=0 "$@" & first=$!
SLURM_PROCID=1 "$@" & second=$!
wait $first && wait $second
`;
  using here = place({ "step.sh": step, go: "" });
  fs.chmodSync(`${here.path}/step.sh`, 0o755);
  const { code, stderr } = await here.runner("run", "p.ts", "waits", "--prefix", "gpu=./step.sh");
  assertEquals([code, here.read("count")], [0, "x"], stderr);
});

Deno.test("a command that is not there is told before anything runs", async () => {
  using here = place();
  const { code, stderr } = await here.runner(
    ...["run", "p.ts", "square", "--n", "1", "--prefix", "gpu=jbsubb -wait"],
  );
  assertEquals(code, 3);
  assertStringIncludes(stderr, 'Tasks with the label "gpu" cannot be sent');
  assertStringIncludes(stderr, "jbsubb");
});

Deno.test("a command that fails, or forgets what it is to start, is told with how to try it", async () => {
  using here = place();
  for (const [command, says] of [["false", "exit code 1"], ["true", "exit code 0"]] as const) {
    const { code, stderr } = await here.runner(
      ...["run", "p.ts", "square", "--n", "1", "--prefix", `gpu=${command}`],
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, says);
    assertStringIncludes(stderr, "nothing began there");
    assertMatch(stderr, new RegExp(`to try it by hand: .*${command} .*exec`));
  }
});

Deno.test("a command that fails before anything has begun is tried again as the task says of `infra`, and not by itself", async () => {
  using here = new Place({
    "p.ts": `import { prefix, task } from "runner";
const command = ["sh", "-c", 'echo >> tries; [ $(wc -l < tries) -ge 3 ] || exit 1; exec "$@"', "sh"];
export const settings = { dispatch: { far: prefix(command) } };
const far = (name: string, limit: number, on: string[]) => task(name, { labels: "far", retry: { limit, on }, run: () => 1 });
export const again = far("again", 2, ["infra"]);
export const never = far("never", 2, ["exit"]);
`,
  });
  const never = await here.runner("run", "p.ts", "never");
  assertEquals([never.code, here.read("tries")], [1, "\n"], never.stderr);
  assertStringIncludes(never.stderr, "✗ failed never (infra)");
  here.remove("tries");
  const again = await here.runner("run", "p.ts", "again");
  assertEquals([again.code, again.stdout, here.read("tries")], [0, "1\n", "\n\n\n"], again.stderr);
});

Deno.test("a template's mistakes are told before anything runs, all at once", async () => {
  using here = place();
  const { code, stderr } = await here.runner(
    ...["run", "p.ts", "square", "--n", "1", "--prefix", "gpu=env {taks}", "--limit", "gpu=0"],
  );
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--limit takes a whole number from 1 up");
  const other = await here.runner(
    ...["run", "p.ts", "square", "--n", "1", "--prefix", "gpu=env {mem:g} {input.m}"],
  );
  assertEquals(other.code, 2);
  assertStringIncludes(other.stderr, "mem");
  assertStringIncludes(other.stderr, "input.m");
});

Deno.test("settings of the pipeline say the same, and the command line comes before them", async () => {
  using here = place({
    "q.ts": `${FIXTURE}
export const settings = { prefixes: { gpu: ["env", "HOW=settings"] }, limits: { gpu: 1 } };
export const how = task("how", { labels: "gpu", cache: false, run: () => process.env.HOW ?? "" });
`,
  });
  assertEquals((await here.runner("run", "q.ts", "how")).stdout, "settings\n");
  assertEquals((await here.runner("run", "q.ts", "how", "--prefix", "gpu=env HOW=words")).stdout, "words\n");
});

Deno.test("the leftmost label counts, and a task's own name is one", async () => {
  using here = place({
    "q.ts": `import { task } from "runner";
import process from "node:process";
export const how = task("how", { labels: ["a", "b"], cache: false, run: () => process.env.HOW ?? "here" });
`,
  });
  const how = async (...words: string[]) => (await here.runner("run", "q.ts", "how", ...words)).stdout.trim();
  const sent = (label: string) => ["--prefix", `${label}=env HOW=${label}`];
  assertEquals(await how(), "here");
  assertEquals(await how(...sent("b")), "b");
  assertEquals(await how(...sent("b"), ...sent("a")), "a");
  assertEquals(await how(...sent("b"), ...sent("a"), ...sent("how")), "how");
});

Deno.test("the first Ctrl-C asks the task, wherever it is; nothing is left", async () => {
  using here = place();
  const program = here.start(["run", "p.ts", "waits", "--prefix", "gpu=env"]);
  await appeared(`${here.path}/begun`);
  program.kill("SIGINT");
  assertEquals((await program.ended).code, 130);
  await appeared(`${here.path}/asked`);
  await until("its process is gone", () => !isAlive(Number(here.read("begun"))));
});

Deno.test("SIGTERM ends it", async () => {
  using here = place();
  const program = here.start(["run", "p.ts", "waits", "--prefix", "gpu=env"]);
  await appeared(`${here.path}/begun`);
  program.kill("SIGTERM");
  assertEquals((await program.ended).code, 143);
  await until("its process is gone", () => !isAlive(Number(here.read("begun"))));
});

Deno.test("a run can be seen, and stopped, from outside", async () => {
  using here = place();
  const program = here.start(["run", "p.ts", "waits", "--prefix", "gpu=env"]);
  await appeared(`${here.path}/begun`);
  const [line] = (await here.runner("ps", "--json")).stdout.trimEnd().split("\n");
  const { run, is, jobs } = JSON.parse(line!) as { run: string; is: string; jobs: { call: string }[] };
  assertEquals([is, jobs.map(({ call }) => call)], ["running", ["waits"]]);
  assertStringIncludes((await here.runner("ps")).stdout, "1 job out");
  assertStringIncludes((await here.runner("resume", run)).stderr, "is running as process");
  assertEquals((await here.runner("cancel", run.slice(-6))).code, 0);
  const { code, stderr } = await program.ended;
  assertEquals(code, 130);
  assertStringIncludes(
    stderr,
    "stopping: runner cancel has asked for it: nothing new starts, running tasks are asked to stop\n",
  );
  assertEquals((await here.runner("ps")).stdout, `No runs are under way in ${here.path}/.runner\n`);
});

Deno.test("what a runner leaves that was killed is ended or, if it finished meanwhile, taken: nothing is left of it", async () => {
  using here = place();
  const program = here.start(["run", "p.ts", "waits", "--prefix", "gpu=env"]);
  await appeared(`${here.path}/begun`);
  program.kill("SIGKILL");
  await program.ended;
  const attempt = Number(here.read("begun"));
  const ps = await here.runner("ps");
  assertStringIncludes(ps.stdout, "cut off");
  const run = /resume (\S+)"/.exec(ps.stdout)![1]!;
  const resumed = here.start(["resume", run]);
  await resumed.complaint("cli.ts run p.ts waits");
  here.write("go", "");
  const { code, stdout, stderr } = await resumed.ended;
  assertEquals([code, stdout], [0, "done\n"], stderr);
  await until("the attempt of the runner that was killed is gone", () => !isAlive(attempt));
  assertEquals((await here.runner("ps")).stdout, `No runs are under way in ${here.path}/.runner\n`);
});

Deno.test("what is left of a run that was cut off can be ended", async () => {
  using here = place();
  const program = here.start(["run", "p.ts", "waits", "--prefix", "gpu=env"]);
  await appeared(`${here.path}/begun`);
  program.kill("SIGKILL");
  await program.ended;
  const run = /resume (\S+)"/.exec((await here.runner("ps")).stdout)![1]!;
  const { code, stdout, stderr } = await here.runner("cancel", "last");
  assertEquals([code, stdout], [0, `ended 1 job of ${run}\n`], stderr);
  assertEquals((await here.runner("ps")).stdout, `No runs are under way in ${here.path}/.runner\n`);
  await until("its process is gone", () => !isAlive(Number(here.read("begun"))));
});

Deno.test("a pipeline that is edited while a job waits does not have its results filed under the old code", async () => {
  using here = place({
    "later.sh": '#!/bin/sh\ntouch started\nwhile [ ! -e go ]; do sleep 0.05; done\nexec "$@"\n',
  });
  fs.chmodSync(`${here.path}/later.sh`, 0o755);
  const program = here.start(["run", "p.ts", "square", "--n", "3", "--prefix", "gpu=./later.sh"]);
  await appeared(`${here.path}/started`);
  here.write("p.ts", FIXTURE.replace("return n * n;", "return n * n * n;"));
  here.write("go", "");
  const { code, stderr } = await program.ended;
  assertEquals(code, 3);
  assertStringIncludes(stderr, "p.ts was changed after this run had read it, and before the job of square(");
  assertEquals(filesEnding(`${here.path}/.runner/cache`, ".result.gz"), []);
});

Deno.test("exec says what is wrong with what it is given", async () => {
  using here = place();
  const absent = await here.runner("exec", "/nowhere/job");
  assertEquals(absent.code, 3);
  assertStringIncludes(absent.stderr, "There is no file /nowhere/job on host");
  here.write("junk", "junk");
  const junk = await here.runner("exec", "junk");
  assertEquals(junk.code, 3);
  assertStringIncludes(junk.stderr, "cannot be read");
  assertEquals((await here.runner("exec")).code, 2);
});

Deno.test("a job whose input cannot be put together fails alone", async () => {
  using here = place({
    "q.ts": `import { task } from "runner";
export const from = task("from", () => ({ n: 1 } as { n: number; m?: number }));
export const sent = task("sent", { labels: "gpu", run: ({ m }: { m: unknown }) => m });
export const main = sent({ m: from(undefined).pick("m") });
`,
  });
  const { code, stderr } = await here.runner("run", "q.ts", "--prefix", "gpu=env");
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'PickError: pick("m") of from reaches for a property that is not there');
});

Deno.test("many jobs leave no process behind", async () => {
  using here = place({
    "q.ts": `import { all, task } from "runner";
export const one = task("one", { labels: "gpu", run: ({ n }: { n: number }) => n });
export const main = task("main", { deps: () => Array.from({ length: 60 }, (_, n) => one({ n })), run: () => "ok" });
`,
  });
  const program = here.start(["run", "q.ts", "--prefix", "gpu=env", "--limit", "gpu=8"]);
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stdout], [0, "ok\n"], stderr);
  assert(childrenOf(program.pid).size === 0);
});

/** A task that ends its process, throws or works, as a file says. */
const ILL = `import { task } from "runner";
import fs from "node:fs";
export const ill = task("ill", { labels: "far", run: () => {
  console.log("how is it?");
  const how = fs.existsSync("how") ? fs.readFileSync("how", "utf8") : "dead";
  if (how === "dead") process.kill(process.pid, "SIGKILL");
  if (how === "throws") throw new RangeError("too high");
  return how;
} });
`;

Deno.test("a job that had begun is tried by the command that its failure names: seen, not stored, not told", async () => {
  using here = new Place({ "p.ts": ILL });
  const { code, stderr } = await here.runner("run", "p.ts", "ill", "--prefix", "far=env MARK={name}");
  assertEquals(code, 1);
  const [, command] = /to try it by hand: (cd .* && env MARK=\S+ .* --again)$/m.exec(stderr)!;
  const tried = () => {
    const { code, stdout, stderr } = new Deno.Command("sh", { args: ["-c", command!] }).outputSync();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  };
  here.write("how", "throws");
  const ill = tried();
  assertEquals([ill.code, ill.out], [1, "how is it?\n"]);
  assertMatch(ill.err, /runner: RangeError: too high\n {4}at .*p\.ts:7/);
  here.write("how", "well");
  const well = tried();
  assertEquals([well.code, well.out], [0, "how is it?\n"], well.err);
  assertEquals(filesEnding(`${here.path}/.runner/cache`, ".result.gz"), []);
  const [, job] = /exec '(.*)' --again$/.exec(command!)!;
  const refused = await here.runner("exec", job!);
  assertEquals(refused.code, 75);
  assertMatch(refused.stderr, /is being run by process .* already; exec --again runs it once more/);
});

Deno.test("what a job's task throws stands in the output of its process too", async () => {
  using here = new Place({ "p.ts": ILL, how: "throws", "keep.sh": `#!/bin/sh\n"$@" 2>said\n` });
  fs.chmodSync(`${here.path}/keep.sh`, 0o755);
  assertEquals((await here.runner("run", "p.ts", "ill", "--prefix", "far=./keep.sh")).code, 1);
  assertStringIncludes(here.read("said"), "runner: RangeError: too high");
});

const FOLDS = `import { task } from "runner";
export const train = task("train::[fold]", {
  labels: "gpu",
  fields: { fold: "integer" },
  choices: { fold: [0, 1] },
  run: ({ fold }) => \`\${fold} \${process.env.VIA ?? "here"}\`,
});
export const settings = { limits: { gpuu: 3 }, prefixes: { gpu: "env VIA=gpu" } };
`;

/** What both folds give, by how they are sent. */
async function folds(here: Place, ...options: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await here.runner(
    "run",
    "p.ts",
    "train::*",
    "--cache",
    "none",
    ...options,
  );
  assertEquals(code, 0, stderr);
  return [...stdout.matchAll(/'(\d \w+)(?:::\d)?'/g)].map(([, one]) => one).sort().join(", ");
}

Deno.test("rules find calls by the filled-out name, the name before it, and labels; the more particular one counts", async () => {
  using here = new Place({ "p.ts": FOLDS });
  assertEquals(await folds(here), "0 gpu, 1 gpu");
  assertEquals(await folds(here, "--prefix", "train=env VIA=base"), "0 base, 1 base");
  assertEquals(
    await folds(here, "--prefix", "train=env VIA=base", "--prefix", "train::1=env VIA=one"),
    "0 base, 1 one",
  );
  assertEquals(await folds(here, "--prefix", "gpu=env VIA={call}"), "0 train, 1 train");
  assertEquals(await folds(here, "--prefix", "gpu=none"), "0 here, 1 here");
  assertEquals(await folds(here, "--prefix", "gpu="), "0 here, 1 here");
  const plan = await here.runner(
    ...["plan", "p.ts", "train::*", "--override", 'train={"timeout":"2h"}', "--limit", "train=1"],
  );
  assertEquals(plan.code, 0, plan.stderr);
  assertStringIncludes(plan.stdout, "2 h 0 min");
});

Deno.test("a label that no task has is refused on the command line, and told of in settings", async () => {
  using here = new Place({ "p.ts": FOLDS });
  for (const option of ["--limit", "--shared-limit", "--pool", "--prefix"]) {
    const { code, stderr } = await here.runner("run", "p.ts", "train::*", option, "gpuu=2");
    assertEquals(code, 2);
    assertStringIncludes(
      stderr,
      `${option} gpuu=…: no task has that label, nor is called so; did you mean "gpu"?`,
    );
  }
  const { code, stderr } = await here.runner("run", "p.ts", "train::0", "--cache", "none");
  assertEquals(code, 0);
  assertEquals(stderr.match(/no task has the label "gpuu" that a limit is given for/g)?.length, 1, stderr);
  const several = await here.runner("plan", "p.ts", "train::*", "--limit", "gpu=1,train=2");
  assertStringIncludes(several.stdout, "gpu: 1, train: 2");
});

Deno.test("options of rules that make no sense are told, all at once, before anything runs", async () => {
  using here = new Place({
    "p.ts": `import { docker, generic, slurm, task } from "runner";
export const one = task("one", { labels: ["a", "b", "c", "d"], run: () => 1 });
export const settings = { dispatch: {
  a: slurm({ partitoin: "gpu", poll: { from: "often" }, limit: 0 } as object),
  b: generic({ submit: "qsub x", status: "qstat", cancel: "qdel", states: { r: "runing" as "running" } }),
  c: docker({} as { image: string }),
  d: { backend: "slrm" } as never,
} };
`,
  });
  const { code, stderr } = await here.runner("run", "p.ts", "one");
  assertEquals(code, 2);
  for (
    const says of [
      'the rule of label "a": slurm has no option "partitoin"; did you mean "partition"?',
      'the rule of label "a": slurm `poll` is times, as in { from: "2s", to: "60s" }, not { from: "often" }',
      'the rule of label "a": slurm `limit` is a whole number from 1 up, not 0',
      'the rule of label "b": generic `submit` does not say {script}',
      'the rule of label "b": generic `states.r` is "runing"; did you mean "running"?',
      'the rule of label "c": docker needs `image`',
      'the rule of label "d": there is no backend "slrm"; did you mean "slurm"?',
    ]
  ) assertStringIncludes(stderr, says);
});

Deno.test("inputs that a container would not see are refused before anything runs, with how to mount them", async () => {
  using here = new Place({
    "in.txt": "1",
    "p.ts": `import { docker, task } from "runner";
const inputs = ["in.txt", "/etc/hostname", "/srv/data/**/*.csv"];
export const one = task("one", { labels: "box", inputs, run: () => 1 });
export const two = task("two", { labels: "wide", inputs, run: () => 1 });
export const settings = { dispatch: {
  box: docker({ image: "no/such:image" }),
  wide: docker({ image: "no/such:image", mounts: ["/etc:ro", "/srv/data"] }),
} };
`,
  });
  const { code, stderr } = await here.runner("plan", "p.ts", "one");
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    `a container of no/such:image, which does not see its declared inputs /etc/hostname, /srv/data/**/*.csv: it sees ${here.path}, and the cache; say mounts: ["/etc:ro"]`,
  );
  assert(!(await here.runner("plan", "p.ts", "two")).stderr.includes("does not see"));
});

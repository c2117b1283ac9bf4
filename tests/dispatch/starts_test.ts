/** Jobs that a queue starts again, or could not start: the answers are those of Slurm 22.05, which calls the latter failed by exit code 1. */
import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { lsfLauncher } from "../../src/dispatch/lsf/lsf.ts";
import { lsf } from "../../src/dispatch/lsf/rule.ts";
import { scriptOf } from "../../src/dispatch/queue/script.ts";
import { FakeSlurm, type QueueLine } from "./fake_slurm.ts";
import { Jobs } from "./jobs.ts";
import { HandClock, StandIns } from "./stand_in.ts";

/** What is said of a job that was requeued, and refused by the machine that it was to be started on again. */
const REFUSED: readonly QueueLine[] = [
  ["77", "RUNNING"],
  ["77", "COMPLETING", "None", 0, 1],
  ["77", "PENDING", "BeginTime", 0, 1],
  ["77", "RUNNING", "None", 0, 1],
  ["77", "FAILED", "NonZeroExitCode", 1 << 8, 1],
];

Deno.test("a requeued job that could not be started again has not failed by itself", async () => {
  using slurm = new FakeSlurm();
  slurm.course(...REFUSED);
  const launcher = slurm.open();
  const job = slurm.jobs.shell("true");
  slurm.begin(job, 0);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.exit, end.neverBegan], ["infra", undefined, undefined]);
  assertMatch(end.text, /job 77 .* exit code 1 on node n1, but had not begun again: it could not be started/);
  assertEquals(slurm.jobs.warnings.length, 1, "that it waits for another start");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a job that is started again and fails then has failed, and that is not doubted", async () => {
  using slurm = new FakeSlurm();
  slurm.course(...REFUSED);
  const launcher = slurm.open();
  const job = slurm.jobs.shell("true");
  for (const restarts of [0, 1]) slurm.begin(job, restarts);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.exit], [undefined, 1]);
  assertEquals(slurm.commands.calls("squeue").length, REFUSED.length);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a failure without a beginning is asked about again: the mark may come late", async () => {
  using slurm = new FakeSlurm();
  slurm.course(...REFUSED);
  const launcher = slurm.open();
  const job = slurm.jobs.shell("true");
  slurm.begin(job, 0);
  launcher.launch(job);
  const asked = () => slurm.commands.calls("squeue").length;
  await slurm.clock.until("the failure is known", () => asked() === REFUSED.length + 1);
  assertEquals(slurm.jobs.hasEnded(job), false);
  slurm.begin(job, 1);
  assertEquals((await slurm.end(job)).exit, 1);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a failure without a beginning is asked about again: the queue may try again", async () => {
  using slurm = new FakeSlurm();
  slurm.course(
    ...REFUSED,
    ...REFUSED.slice(-1),
    ["77", "PENDING", "BeginTime", 1 << 8, 2],
    ["77", "RUNNING", "None", 0, 2],
    ["77", "COMPLETED", "None", 0, 2],
  );
  const launcher = slurm.open();
  const job = slurm.jobs.shell("true");
  slurm.begin(job, 0);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.exit], [undefined, 0]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a failure without a beginning that the queue forgets is still one", async () => {
  using slurm = new FakeSlurm();
  slurm.course(...REFUSED);
  slurm.commands.reply("squeue", { code: 1, stderr: "slurm_load_jobs error: Invalid job id specified\n" });
  const launcher = slurm.open();
  const job = slurm.jobs.shell("true");
  slurm.begin(job, 0);
  launcher.launch(job);
  assertEquals((await slurm.end(job)).reason, "infra");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a job that its queue knows no more is lost if it has never begun", async () => {
  using slurm = new FakeSlurm();
  slurm.queue();
  const launcher = slurm.open();
  const jobs = [slurm.jobs.shell("true"), slurm.jobs.shell("true")];
  slurm.begin(jobs[0]!);
  jobs.forEach((job) => launcher.launch(job));
  const ends = [await slurm.end(jobs[0]!), await slurm.end(jobs[1]!)];
  assertEquals(ends.map(({ reason, lost }) => [reason, lost]), [[undefined, false], [undefined, true]]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("of an array, only the element that could not be started is not to blame", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(
    ["77_0", "FAILED", "NonZeroExitCode", 1 << 8, 1],
    ["77_1", "FAILED", "NonZeroExitCode", 1 << 8, 1],
    ["77_2", "COMPLETED"],
  );
  const launcher = slurm.open();
  const jobs = [0, 1, 2].map(() => slurm.jobs.shell("true"));
  jobs.forEach((job) => slurm.begin(job, 0));
  slurm.begin(jobs[1]!, 1);
  jobs.forEach((job) => launcher.launch(job));
  const ends = [];
  for (const job of jobs) ends.push(await slurm.end(job));
  assertEquals(ends.map(({ reason, exit }) => [reason, exit]), [["infra", undefined], [undefined, 1], [
    undefined,
    0,
  ]]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a machine that could not start two jobs gets no more; one that was asked too soon is not blamed", async () => {
  using slurm = new FakeSlurm();
  for (const id of [1, 2, 3, 4]) slurm.commands.reply("sbatch", { stdout: `${id}\n` }, id);
  const refused = (id: string, restarts: number): QueueLine => [id, "FAILED", "None", 1 << 8, restarts];
  slurm.queue(refused("1", 1), refused("2", 1), refused("3", 0), refused("4", 0), ["77", "COMPLETED"]);
  const launcher = slurm.open({ array: false });
  const warnings: number[] = [];
  for (let index = 0; index < 5; index++) {
    const job = slurm.jobs.shell("true");
    launcher.launch(job);
    assertEquals((await slurm.end(job)).reason, index < 4 ? "infra" : undefined);
    warnings.push(slurm.jobs.warnings.length);
  }
  assertEquals(warnings, [0, 0, 0, 1, 1]);
  assertStringIncludes(slurm.jobs.warnings[0]!, "n1");
  assert(slurm.commands.calls("sbatch").at(-1)!.includes("--exclude=n1"));
  assertEquals(await slurm.close(launcher), []);
});

for (
  const why of ["job requeued in held state", "launch failed requeued held", "JobHeldUser", "JobHeldAdmin"]
) {
  Deno.test(`a job that is back on the queue and held (${why}) is waited for, and told of`, async () => {
    using slurm = new FakeSlurm();
    slurm.queue(["77", "PENDING", why, 0, 1]);
    const launcher = slurm.open();
    const job = slurm.jobs.shell("true");
    slurm.begin(job, 0);
    launcher.launch(job);
    await slurm.clock.until("some questions", () => slurm.commands.calls("squeue").length >= 5);
    assertEquals([slurm.jobs.hasEnded(job), slurm.jobs.warnings.length], [false, 1]);
    assertStringIncludes(slurm.jobs.warnings[0]!, why);
    slurm.queue(["77", "COMPLETED", "None", 0, 1]);
    assertEquals((await slurm.end(job)).exit, 0);
    assertEquals(await slurm.close(launcher), []);
  });
}

Deno.test("a script that does not see its folders says so, and has not failed to be started", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(["77", "FAILED", "NonZeroExitCode", 73 << 8]);
  const launcher = slurm.open();
  const job = slurm.jobs.shell("true");
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.exit, slurm.commands.calls("squeue").length], [undefined, 73, 1]);
  assertStringIncludes(end.text, "its folder or the working folder is not there");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("LSF: a job that exits without having begun has not failed by itself", async () => {
  using commands = new StandIns(["bsub", "bjobs", "bkill"], { LSF_ENVDIR: "/nowhere" });
  const clock = new HandClock();
  using jobs = new Jobs(clock.after);
  commands.reply("bsub", { stdout: "Job <12> is submitted to default queue <normal>.\n" });
  commands.reply("bjobs", { stdout: "12 1 EXIT 1 -\n12 2 EXIT 1 -\n" });
  const launcher = lsfLauncher(lsf(), jobs.listener, jobs.place);
  const some = [0, 1].map(() => jobs.shell("true"));
  fs.writeFileSync(`${some[1]!.folder}/start.0`, "");
  some.forEach((job) => launcher.launch(job));
  await clock.until("both have ended", () => some.every((job) => jobs.hasEnded(job)));
  const ends = await Promise.all(some.map((job) => jobs.end(job)));
  assertEquals(ends.map(({ reason, exit }) => [reason, exit]), [["infra", undefined], [undefined, 1]]);
  let closed = false;
  void launcher.close().then(() => closed = true);
  await clock.until("the launcher's end", () => closed);
});

/** Runs a script by a shell as a queue does. */
function shell(script: string, env: Readonly<Record<string, string>>): number {
  return new Deno.Command("/bin/sh", { args: ["-c", script], env: { ...env } }).outputSync().code;
}

Deno.test("a script leaves a mark for each start, and ends by its own code where it does not see its folders", () => {
  using jobs = new Jobs();
  const some = [0, 1].map(() => jobs.shell("pwd; exit 5"));
  const queue = { indexVariable: "INDEX", firstIndex: 1, restartVariable: "RESTARTS" };
  const script = scriptOf(some, queue);
  assertEquals(shell(script, { INDEX: "2" }), 5);
  assertEquals(shell(script, { INDEX: "2", RESTARTS: "3" }), 5);
  assertEquals(fs.readdirSync(some[0]!.folder), []);
  assertEquals(fs.readdirSync(some[1]!.folder).sort(), ["err.txt", "out.txt", "start.0", "start.3"]);
  assertEquals(jobs.out(some[1]!), `${jobs.path}\n`);
  assertEquals(shell(script, {}), 70);
  const [job] = some as [typeof some[0]];
  assertEquals(shell(scriptOf([{ ...job, folder: "/nowhere" }], queue), {}), 73);
  assertEquals(shell(scriptOf([{ ...job, cwd: "/nowhere" }], queue), {}), 73);
  const { restartVariable: _, ...uncounted } = queue;
  assertEquals(shell(scriptOf([job], uncounted), { RESTARTS: "3" }), 5);
  assertEquals(fs.readdirSync(job.folder).filter((name) => name.startsWith("start.")), ["start.0"]);
});

Deno.test("each start of a script has a name of its own, which all that it begins can see", () => {
  using jobs = new Jobs();
  const job = jobs.shell('echo "$RUNNER_START" >>starts; sh -c \'echo "$RUNNER_START"\' >>starts');
  const script = scriptOf([job], { indexVariable: "INDEX", firstIndex: 1 });
  for (const _ of [1, 2]) assertEquals(shell(script, {}), 0);
  const [first, within, second] = fs.readFileSync(`${jobs.path}/starts`, "utf8").trim().split("\n");
  assertEquals(within, first);
  assertNotEquals(second, first);
});

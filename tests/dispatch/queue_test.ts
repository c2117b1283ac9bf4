/** Queues that answer late, wrongly, partly or not at all: stand-ins for Slurm's commands, and a clock moved by hand. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { FakeSlurm, queueLine } from "./fake_slurm.ts";

const SHELL = "true";
const TIMED_OUT = {
  code: 1,
  stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n",
};

Deno.test("a submission that fails for the moment is tried again", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("sbatch", TIMED_OUT, 1);
  slurm.commands.reply(
    "sbatch",
    { code: 1, stderr: "sbatch: error: Unable to contact slurm controller\n" },
    2,
  );
  slurm.commands.reply("squeue", { stdout: "" }, 1);
  slurm.commands.reply("squeue", { stdout: "" }, 2);
  slurm.queue(["77", "COMPLETED"]);
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.exit, slurm.commands.calls("sbatch").length], [undefined, 0, 3]);
  assertEquals(slurm.jobs.told, ["submitting 1", "submitted 1", "ended 1"]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a submission that never works ends its jobs with what was said, and how to try it", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("sbatch", TIMED_OUT);
  slurm.commands.reply("squeue", { stdout: "" });
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.neverBegan, slurm.commands.calls("sbatch").length], ["infra", true, 4]);
  assertStringIncludes(end.text, "Socket timed out on send/recv operation");
  assertStringIncludes(end.command!, `--job-name=${job.name}`);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("what the queue refuses for good is not tried again", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("sbatch", {
    code: 1,
    stderr: "sbatch: error: invalid partition specified: nope\n" +
      "sbatch: error: Batch job submission failed: Invalid partition name specified\n",
  });
  const launcher = slurm.open({ partition: "nope" });
  const jobs = [slurm.jobs.shell(SHELL), slurm.jobs.shell(SHELL)];
  jobs.forEach((job) => launcher.launch(job));
  for (const job of jobs) {
    const end = await slurm.end(job);
    assertEquals([end.reason, end.neverBegan], ["infra", true]);
    assertStringIncludes(end.text, "Invalid partition name specified");
    assertStringIncludes(end.text, Deno.hostname());
    assertStringIncludes(end.command!, "sbatch --parsable");
    assertStringIncludes(end.command!, "--partition=nope");
  }
  assertEquals(slurm.commands.calls("sbatch").length, 1);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("of jobs that others have left a queue says something, knows nothing, or does not answer", async () => {
  using slurm = new FakeSlurm();
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  const standing = (id: string | undefined = "77") => launcher.standing([{ job, id }]);
  for (
    const [state, expected] of [
      ["PENDING", "on"],
      ["RUNNING", "on"],
      ["COMPLETED", "over"],
      ["CANCELLED by 0", "over"],
      ["FAILED", "unknown"],
    ] as const
  ) {
    slurm.queue(["77", state, "None", state === "FAILED" ? 256 : 0]);
    assertEquals(await standing(), [expected], state);
  }
  fs.writeFileSync(`${job.folder}/start.0`, "");
  assertEquals(await standing(), ["over"], "it has failed, and had begun");
  slurm.queue();
  assertEquals(await standing(), ["unknown"]);
  assertEquals(await standing(undefined), ["unknown"], "it was never about to be submitted");
  slurm.commands.reply("squeue", { code: 1, stderr: "slurm_load_jobs error: Unable to contact controller" });
  assertEquals(await standing(), ["silent"]);
  fs.writeFileSync(`${job.folder}/submission.json`, JSON.stringify({ name: job.name, index: 0, count: 1 }));
  assertEquals(await launcher.standing([{ job, id: undefined }]), ["silent"], "nor is it found by its name");
  assertEquals(slurm.commands.calls("scancel"), []);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("what else is printed beside an id does not matter", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("sbatch", {
    stdout: "Welcome to the cluster, 3 new messages\n4711;west\n",
    stderr: "sbatch: warning: Your account has 12 hours left\n",
  });
  slurm.queue(["4711", "COMPLETED"]);
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  await slurm.end(job);
  assertEquals(slurm.jobs.ids.get(job.name), "4711");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a queue that does not answer ends no job, and is told of", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("squeue", {
    code: 1,
    stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n",
  });
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  await slurm.clock.until("ten questions", () => slurm.commands.calls("squeue").length >= 10);
  assertEquals(slurm.jobs.hasEnded(job), false);
  const once = slurm.jobs.warnings.filter((line) => !line.includes("times in a row"));
  assertEquals(once.length, 1);
  assertStringIncludes(once[0]!, "Unable to contact slurm controller");
  slurm.queue(["77", "COMPLETED"]);
  assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("that a queue does not answer is told again and again, until it does", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("squeue", { code: 1, stderr: "Unable to contact slurm controller" });
  const launcher = slurm.open({ poll: { from: "1s", to: "1s" } });
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  const silent = () => slurm.jobs.warnings.filter((line) => line.includes("times in a row"));
  await slurm.clock.until("it is told twice", () => silent().length === 2);
  assertMatch(silent()[0]!, /^Slurm was asked 5 times in a row what became of 1 job, without an answer/);
  assertMatch(
    silent()[1]!,
    /^Slurm was asked 15 times in a row .* contact slurm controller\); it is asked again/,
  );
  slurm.queue(["77", "COMPLETED"]);
  assertEquals((await slurm.end(job)).exit, 0);
  await slurm.close(launcher);
});

Deno.test("a job that the queue knows no more is looked for in the accounts", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("squeue", { code: 1, stderr: "slurm_load_jobs error: Invalid job id specified\n" });
  slurm.commands.reply("sacct", { stdout: "77|FAILED|3:0|n2\n" });
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  slurm.begin(job);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals(end.exit, 3);
  assertStringIncludes(end.text, "n2");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a job that nobody knows any more is over, for all that is known well, and only after some time", async () => {
  using slurm = new FakeSlurm();
  slurm.queue();
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.exit, end.neverBegan, end.lost], [undefined, undefined, undefined, true]);
  assertStringIncludes(end.text, "77");
  const asked = slurm.commands.calls("squeue").length;
  assert(asked >= 3 && asked <= 6, `${asked} questions`);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a queue that forgets a job and remembers it again has not lost it", async () => {
  using slurm = new FakeSlurm();
  for (let call = 1; call <= 12; call++) {
    slurm.commands.reply("squeue", { stdout: call % 3 === 0 ? queueLine("77", "RUNNING") : "" }, call);
  }
  slurm.queue(["77", "COMPLETED"]);
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(slurm.commands.calls("squeue").length, 13);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("what makes no sense in an answer is passed over", async () => {
  using slurm = new FakeSlurm();
  const noise = "squeue: some plugin speaks\n|||\n77\n\n99|COMPLETED|0|n1|None|\n77_|RUNNING|\n";
  slurm.commands.reply("squeue", { stdout: noise + queueLine("77", "SOMETHING_NEW") }, 1);
  slurm.commands.reply("squeue", { stdout: noise + queueLine("77", "COMPLETED") });
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(slurm.commands.calls("squeue").length, 2);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a queue is asked less and less while nothing happens, and one question is for all jobs", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("sbatch", { stdout: "1\n" }, 1);
  slurm.commands.reply("sbatch", { stdout: "2\n" }, 2);
  slurm.queue(...["1_0", "1_1", "1_2", "2"].map((id) => [id, "RUNNING"] as const));
  const launcher = slurm.open();
  const small = slurm.jobs.shell(SHELL, { resources: { cpu: 4 } });
  const jobs = [...Array.from({ length: 3 }, () => slurm.jobs.shell(SHELL)), small];
  jobs.forEach((job) => launcher.launch(job));
  await slurm.clock.pass(3_600_000);
  const calls = slurm.commands.calls("squeue");
  // Once a minute, and some more at first.
  assert(calls.length >= 55 && calls.length <= 75, `${calls.length} questions in an hour`);
  assert(calls.every((words) => words.includes("--jobs=1,2")));
  slurm.queue(...["1_0", "1_1", "1_2", "2"].map((id) => [id, "COMPLETED"] as const));
  for (const job of jobs) await slurm.end(job);
  const asked = slurm.commands.calls("squeue").length;
  await slurm.clock.pass(3_600_000);
  assertEquals(slurm.commands.calls("squeue").length, asked, "nobody is asked for nothing");
  assertEquals(await slurm.close(launcher), []);
});

for (
  const [state, reason, said] of [
    ["OUT_OF_MEMORY", "oom", /memory/],
    ["TIMEOUT", "timeout", /time/],
    ["DEADLINE", "timeout", /./],
    ["PREEMPTED", "preempted", /preempted|PREEMPTED/],
    ["NODE_FAIL", "infra", /node|machine/],
    ["CANCELLED", "cancelled", /cancelled on the cluster by hand/],
  ] as const
) {
  Deno.test(`Slurm's ${state} is ${reason}`, async () => {
    using slurm = new FakeSlurm();
    slurm.queue(["77", state]);
    const launcher = slurm.open();
    const job = slurm.jobs.shell(SHELL);
    launcher.launch(job);
    const end = await slurm.end(job);
    assertEquals(end.reason, reason);
    assertMatch(end.text, said);
    assertStringIncludes(end.text, "77");
    assertStringIncludes(end.text, "n1");
    assertEquals(await slurm.close(launcher), []);
  });
}

Deno.test("a machine that has lost two jobs gets no more, and that is told", async () => {
  using slurm = new FakeSlurm();
  for (const id of [1, 2, 3]) slurm.commands.reply("sbatch", { stdout: `${id}\n` }, id);
  slurm.queue(["1", "NODE_FAIL"], ["2", "NODE_FAIL"], ["3", "COMPLETED"]);
  const launcher = slurm.open({ array: false });
  for (let index = 0; index < 3; index++) {
    const job = slurm.jobs.shell(SHELL);
    launcher.launch(job);
    await slurm.end(job);
  }
  const excluded = slurm.commands.calls("sbatch").map((words) => words.includes("--exclude=n1"));
  assertEquals(excluded, [false, false, true]);
  assertEquals(slurm.jobs.warnings.length, 1);
  assertStringIncludes(slurm.jobs.warnings[0]!, "n1");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a job that is requeued simply goes on", async () => {
  using slurm = new FakeSlurm();
  const states = ["PENDING", "RUNNING", "COMPLETING", "PENDING", "RUNNING", "SUSPENDED", "RUNNING"];
  states.forEach((state, index) =>
    slurm.commands.reply("squeue", { stdout: queueLine("77", state) }, index + 1)
  );
  slurm.queue(["77", "COMPLETED"]);
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(slurm.commands.calls("squeue").length, 8);
  assertEquals([slurm.jobs.told.at(-1), slurm.jobs.warnings.length], ["ended 1", 0]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a job that will never begin as things are is told of, once", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(["77", "PENDING", "PartitionTimeLimit"]);
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  await slurm.clock.until("some questions", () => slurm.commands.calls("squeue").length >= 5);
  assertEquals(slurm.jobs.warnings.length, 1);
  assertStringIncludes(slurm.jobs.warnings[0]!, "PartitionTimeLimit");
  slurm.queue(["77", "COMPLETED"]);
  await slurm.end(job);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("cancellations go out a hundred ids at a time, and again when they fail for the moment", async () => {
  using slurm = new FakeSlurm();
  const ids = Array.from({ length: 250 }, (_, index) => String(index + 1));
  ids.forEach((id, index) => slurm.commands.reply("sbatch", { stdout: `${id}\n` }, index + 1));
  slurm.queue(...ids.map((id) => [id, "RUNNING"] as const));
  const launcher = slurm.open({ array: false });
  const jobs = ids.map(() => slurm.jobs.shell(SHELL));
  jobs.forEach((job) => launcher.launch(job));
  await slurm.clock.until("all are out", () => slurm.jobs.ids.size === 250);
  slurm.commands.reply("scancel", { code: 1, stderr: "scancel: error: Socket timed out\n" }, 1);
  launcher.cancel(jobs, false);
  await slurm.clock.until("all are cancelled", () => slurm.commands.calls("scancel").length >= 4);
  assertEquals(slurm.commands.calls("scancel").map((words) => words.length), [100, 100, 100, 50]);
  assertEquals(jobs.filter((job) => slurm.jobs.hasEnded(job)), [], "they are still there");
  slurm.queue(...ids.map((id) => [id, "CANCELLED"] as const));
  for (const job of jobs) await slurm.end(job);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("jobs that are cancelled while they are kept, or submitted, end all the same", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(["77", "CANCELLED"]);
  const launcher = slurm.open({ array: false });
  const [kept, submitting] = [slurm.jobs.shell(SHELL), slurm.jobs.shell(SHELL)];
  launcher.launch(kept);
  launcher.cancel([kept], false);
  const end = await slurm.end(kept);
  assertEquals([end.reason, end.neverBegan, slurm.commands.calls("sbatch").length], [undefined, true, 0]);
  const release = slurm.commands.hold("sbatch");
  launcher.launch(submitting);
  await slurm.clock.until("it is being submitted", () => slurm.commands.calls("sbatch").length === 1);
  launcher.cancel([submitting], false);
  release();
  await slurm.end(submitting);
  assertEquals(slurm.commands.calls("scancel"), [["77"]]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("what was let go is not asked for any more, nor cancelled, nor told", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(["77_0", "COMPLETED"], ["77_1", "RUNNING"]);
  const launcher = slurm.open();
  const jobs = [slurm.jobs.shell(SHELL), slurm.jobs.shell(SHELL)];
  jobs.forEach((job) => launcher.launch(job));
  await slurm.clock.until("both are out", () => slurm.jobs.ids.size === 2);
  launcher.settled(jobs);
  await slurm.clock.pass(600_000);
  assertEquals(slurm.commands.calls("squeue"), []);
  assertEquals(await slurm.close(launcher), []);
  assertEquals(slurm.commands.calls("scancel"), []);
  assertEquals(slurm.jobs.told.filter((line) => line.startsWith("ended")), []);
});

Deno.test("jobs that come one after another are kept for so long at most", async () => {
  using slurm = new FakeSlurm();
  const launcher = slurm.open();
  // Before the time without any is over there is always another one.
  for (let now = 0; now <= 5_000; now += 100) {
    launcher.launch(slurm.jobs.shell(SHELL));
    await slurm.clock.pass(100);
  }
  await slurm.clock.until("some are submitted", () => slurm.jobs.ids.size > 0);
  const [words] = slurm.commands.calls("sbatch");
  assert(words!.some((word) => /^--array=0-(29|30)$/.test(word)), words!.join(" "));
  slurm.queue();
  await slurm.close(launcher);
});

Deno.test("jobs that cannot be ended are given back, after a while", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(["77", "RUNNING"]);
  slurm.commands.reply("scancel", {
    code: 1,
    stderr: "scancel: error: Kill job error on job id 77: Access/permission denied\n",
  });
  const launcher = slurm.open();
  launcher.launch(slurm.jobs.shell(SHELL));
  await slurm.clock.until("it is out", () => slurm.jobs.ids.size === 1);
  assertEquals(await slurm.close(launcher), ["77"]);
  assertStringIncludes(slurm.jobs.warnings.join(), "Access/permission denied");
  assert(slurm.clock.now <= 120_000, `${slurm.clock.now} ms`);
});

Deno.test("closing waits for a queue that does not answer no longer than a minute, and says so", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(["77", "RUNNING"]);
  const launcher = slurm.open();
  launcher.launch(slurm.jobs.shell(SHELL));
  await slurm.clock.until("it is out", () => slurm.jobs.told.includes("submitted 1"));
  for (const name of ["squeue", "scancel"]) {
    slurm.commands.reply(name, { code: 1, stderr: "Unable to contact slurm controller" });
  }
  const begun = slurm.clock.now;
  assertEquals(await slurm.close(launcher), ["77"]);
  assertEquals(slurm.clock.now - begun, 60_000);
  assertStringIncludes(slurm.jobs.warnings.join("\n"), "waiting up to 60 s for Slurm to end 1 job: 77");
});

Deno.test("closing ends while a submission or a cancellation is about to be tried again", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("sbatch", TIMED_OUT);
  slurm.commands.reply("sbatch", { stdout: "77\n" }, 1);
  slurm.commands.reply("scancel", { code: 1, stderr: "scancel: error: Socket timed out\n" });
  slurm.queue(["77", "RUNNING"]);
  const launcher = slurm.open({ array: false });
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  await slurm.clock.until("it is out", () => slurm.jobs.ids.size === 1);
  launcher.launch(slurm.jobs.shell(SHELL));
  launcher.cancel([job], false);
  await slurm.clock.until(
    "both were tried",
    () => slurm.commands.calls("sbatch").length >= 2 && slurm.commands.calls("scancel").length >= 1,
  );
  slurm.queue(["77", "CANCELLED"]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a submission that outlives its runner is found by a second look", async () => {
  using slurm = new FakeSlurm();
  const [first, second] = [slurm.open(), slurm.open()];
  const job = slurm.jobs.shell(SHELL);
  first.launch(job);
  await slurm.clock.until("it is out", () => slurm.jobs.ids.size === 1);
  first.settled([job]);
  await slurm.close(first);
  const asked = slurm.commands.calls("squeue").length;
  slurm.commands.reply("squeue", { stdout: "" }, asked + 1);
  slurm.commands.reply("squeue", { stdout: `77|${job.name}\n` }, asked + 2);
  slurm.queue(["77", "COMPLETED"]);
  second.adopt(job, undefined);
  const end = await slurm.end(job);
  assertEquals([end.exit, end.neverBegan], [0, undefined]);
  assert(slurm.clock.now < 60_000, `${slurm.clock.now} ms`);
  assertEquals(await slurm.close(second), []);
});

Deno.test("a submission that the queue has taken although it was not said so is not made again", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("sbatch", TIMED_OUT);
  const launcher = slurm.open();
  const jobs = [slurm.jobs.shell(SHELL), slurm.jobs.shell(SHELL)];
  slurm.commands.reply("squeue", { stdout: `55|${jobs[0]!.name}\n` }, 1);
  slurm.queue(["55_0", "COMPLETED"], ["55_1", "COMPLETED"], ["55_2", "COMPLETED"]);
  jobs.forEach((job) => launcher.launch(job));
  for (const job of jobs) assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(slurm.commands.calls("sbatch").length, 1);
  assert([...slurm.jobs.ids.values()].every((id) => /^55_\d$/.test(id)));
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("when there is room for so many jobs only, the others wait for it", async () => {
  using slurm = new FakeSlurm();
  const full = {
    code: 1,
    stderr: "sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: " +
      "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n",
  };
  // No room for four at a time, nor for two more after the first two.
  slurm.commands.reply("sbatch", full);
  slurm.commands.reply("sbatch", { stdout: "10\n" }, 2);
  slurm.queue(["10_0", "RUNNING"], ["10_1", "RUNNING"]);
  const launcher = slurm.open();
  const jobs = Array.from({ length: 4 }, () => slurm.jobs.shell(SHELL));
  jobs.forEach((job) => launcher.launch(job));
  await slurm.clock.until(
    "it has been tried again and again",
    () => slurm.commands.calls("sbatch").length > 4,
  );
  assertEquals(jobs.filter((job) => slurm.jobs.hasEnded(job)), []);
  assertEquals(slurm.jobs.warnings.length, 1);
  assertStringIncludes(slurm.jobs.warnings[0]!, "AssocMaxSubmitJobLimit");
  slurm.commands.reply("sbatch", { stdout: "20\n" });
  slurm.queue(...["10_0", "10_1", "20", "20_0", "20_1"].map((id) => [id, "COMPLETED"] as const));
  for (const job of jobs) assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("who cancelled a job is told, where there are accounts", async () => {
  using slurm = new FakeSlurm();
  slurm.queue(["77", "CANCELLED"]);
  slurm.commands.reply("sacct", { stdout: "77|CANCELLED by 1234|0:15|n1\n" });
  const launcher = slurm.open();
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals(end.reason, "cancelled");
  assertStringIncludes(end.text, "cancelled on the cluster by uid 1234");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("many jobs that fail at once are not asked for one by one", async () => {
  using slurm = new FakeSlurm();
  const ids = Array.from({ length: 50 }, (_, index) => `77_${index}`);
  slurm.queue(...ids.map((id) => [id, "FAILED", "NonZeroExitCode", 5 << 8] as const));
  const launcher = slurm.open();
  const jobs = ids.map(() => slurm.jobs.shell(SHELL));
  jobs.forEach((job) => slurm.begin(job));
  jobs.forEach((job) => launcher.launch(job));
  for (const job of jobs) assertEquals((await slurm.end(job)).exit, 5);
  const asked = ["squeue", "sacct", "scontrol"].map((name) => slurm.commands.calls(name).length);
  assert(asked.reduce((one, other) => one + other) <= 6, `${asked} questions`);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a job of another runner is not taken for absent while nobody answers", async () => {
  using slurm = new FakeSlurm();
  const [first, second] = [slurm.open(), slurm.open()];
  const job = slurm.jobs.shell(SHELL);
  first.launch(job);
  await slurm.clock.until("it is out", () => slurm.jobs.ids.size === 1);
  first.settled([job]);
  await slurm.close(first);
  slurm.commands.reply("squeue", {
    code: 1,
    stderr: "slurm_load_jobs error: Unable to contact slurm controller\n",
  });
  second.adopt(job, undefined);
  const asked = slurm.commands.calls("squeue").length;
  await slurm.clock.until("some questions", () => slurm.commands.calls("squeue").length >= asked + 5);
  assertEquals(slurm.jobs.hasEnded(job), false);
  slurm.commands.reply("squeue", { stdout: `77|${job.name}\n` });
  await slurm.clock.until(
    "it is found",
    () => slurm.jobs.told.filter((line) => line === "submitted 1").length === 2,
  );
  slurm.queue(["77", "COMPLETED"]);
  assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(await slurm.close(second), []);
});

Deno.test("jobs that ask for different things by the rule's arguments are not one array", async () => {
  using slurm = new FakeSlurm();
  for (const id of [1, 2]) slurm.commands.reply("sbatch", { stdout: `${id}\n` }, id);
  slurm.queue(["1_0", "COMPLETED"], ["1_1", "COMPLETED"], ["1_2", "COMPLETED"], ["2", "COMPLETED"]);
  const launcher = slurm.open({ args: ["--licenses={input.tool}"] });
  const jobs = ["a", "b", "a"].map((tool) => slurm.jobs.shell(SHELL, { input: { tool } }));
  jobs.forEach((job) => launcher.launch(job));
  for (const job of jobs) await slurm.end(job);
  const asked = slurm.commands.calls("sbatch").map((words) => words.find((word) => /^--licenses/.test(word)));
  assertEquals(asked, ["--licenses=a", "--licenses=b"]);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("arrays are no larger than the site lets them be", async () => {
  using slurm = new FakeSlurm();
  slurm.commands.reply("scontrol", { stdout: "MaxArraySize            = 11\n" });
  for (const id of [1, 2, 3]) slurm.commands.reply("sbatch", { stdout: `${id}\n` }, id);
  slurm.queue();
  const launcher = slurm.open();
  const jobs = Array.from({ length: 24 }, () => slurm.jobs.shell(SHELL));
  jobs.forEach((job) => launcher.launch(job));
  for (const job of jobs) await slurm.end(job);
  const arrays = slurm.commands.calls("sbatch").map((words) => words.find((word) => /^--array/.test(word)));
  for (const array of arrays) {
    const last = Number(/-(\d+)$/.exec(array!)![1]);
    assert(last < 11, array);
  }
  assertEquals(arrays.length, 3);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("a job that does not have what the rule's arguments ask for ends before it began, and is told of", async () => {
  using slurm = new FakeSlurm();
  const launcher = slurm.open({ args: ["--licenses={input.tool}"] });
  const job = slurm.jobs.shell(SHELL);
  launcher.launch(job);
  const end = await slurm.end(job);
  assertEquals([end.reason, end.neverBegan], ["infra", true]);
  assertStringIncludes(end.text, "{input.tool}");
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("why a job waits is what its queue has said last; a job that the queue takes back is told of, once each time", async () => {
  using slurm = new FakeSlurm();
  const launcher = slurm.open();
  const job = slurm.jobs.shell("true");
  const course = ["Priority", "Resources", "None"] as const;
  assertEquals(launcher.waitsFor!(job), undefined);
  launcher.launch(job);
  for (const why of course) {
    slurm.queue(["77", "PENDING", why]);
    const told = why === "None" ? undefined : why;
    await slurm.clock.until(`it waits for ${why}`, () => launcher.waitsFor!(job) === told);
  }
  assertEquals(slurm.jobs.warnings, []);
  slurm.begin(job);
  const back = (reason: string) =>
    `Slurm has requeued job 77 of compute, which had been started; it waits until Slurm starts it again (${reason})`;
  for (const [restarts, reason] of [[1, "BeginTime"], [2, "Priority"]] as const) {
    slurm.queue(["77", "PENDING", reason, 0, restarts]);
    await slurm.clock.until("it was requeued", () => slurm.jobs.warnings.length === restarts);
    const asked = slurm.commands.calls("squeue").length;
    await slurm.clock.until("more questions", () => slurm.commands.calls("squeue").length > asked + 2);
    assertEquals(slurm.jobs.warnings.at(-1), back(reason));
  }
  assertEquals(slurm.jobs.warnings.length, 2);
  slurm.begin(job, 2);
  slurm.queue(["77", "RUNNING", "None", 0, 2]);
  await slurm.clock.until("it runs", () => launcher.waitsFor!(job) === undefined);
  slurm.queue(["77", "COMPLETED", "None", 0, 2]);
  assertEquals((await slurm.end(job)).exit, 0);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("jobs that the queue takes back together are told of together", async () => {
  using slurm = new FakeSlurm();
  const launcher = slurm.open();
  const jobs = [1, 2, 3].map(() => slurm.jobs.shell("true"));
  jobs.forEach((job) => launcher.launch(job));
  slurm.queue(["77_0", "PENDING", "BeginTime", 0, 1], ["77_1", "RUNNING"], [
    "77_2",
    "PENDING",
    "BeginTime",
    0,
    1,
  ]);
  await slurm.clock.until("it is told", () => slurm.jobs.warnings.length > 0);
  assertEquals(slurm.jobs.warnings, [
    "Slurm has requeued 2 jobs (77_0, 77_2), which had been started; they wait until Slurm starts them again (BeginTime)",
  ]);
  slurm.queue(["77_0", "COMPLETED"], ["77_1", "COMPLETED"], ["77_2", "COMPLETED"]);
  for (const job of jobs) await slurm.end(job);
  assertEquals(await slurm.close(launcher), []);
});

Deno.test("jobs that may wait for ever are told of together, once for each reason", async () => {
  using slurm = new FakeSlurm();
  const launcher = slurm.open();
  const jobs = [1, 2, 3].map(() => slurm.jobs.shell("true"));
  jobs.forEach((job) => launcher.launch(job));
  const held = ["77_0", "PENDING", "JobHeldUser"] as const;
  slurm.queue(held, ["77_1", "PENDING", "JobHeldUser"], ["77_2", "PENDING", "Priority"]);
  await slurm.clock.until("it is told", () => slurm.jobs.warnings.length === 1);
  slurm.queue(held, ["77_1", "PENDING", "InvalidAccount"], ["77_2", "PENDING", "JobHeldUser"]);
  await slurm.clock.until("more is told", () => slurm.jobs.warnings.length === 3);
  const host = `(asked on host ${Deno.hostname()})`;
  assertEquals(slurm.jobs.warnings, [
    `2 jobs (77_0, 77_1) may wait for ever: JobHeldUser ${host}`,
    `job 77_1 of compute may wait for ever: InvalidAccount ${host}`,
    `job 77_2 of compute may wait for ever: JobHeldUser ${host}`,
  ]);
  slurm.queue(["77_0", "COMPLETED"], ["77_1", "COMPLETED"], ["77_2", "COMPLETED"]);
  for (const job of jobs) await slurm.end(job);
  assertEquals(await slurm.close(launcher), []);
});

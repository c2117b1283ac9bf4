/** What Slurm's commands printed, read: the answers are those of Slurm 22.05. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { exitOf, parseSacct, parseSqueue, stateOf } from "../../src/dispatch/slurm/parse.ts";
import { slurm as rule } from "../../src/dispatch/slurm/rule.ts";
import { checkSlurm, slurmLauncher } from "../../src/dispatch/slurm/slurm.ts";
import { noSlurm, slurm } from "../services/slurm.ts";
import { until } from "../support/files.ts";
import { closed, Jobs } from "./jobs.ts";
import { environment, QUICK } from "./queues.ts";

/** `squeue --noheader --array --states=all --Format=…`, without the blanks before each bar */
const SQUEUE = `6_3|PENDING|0||Resources|0|
8|PENDING|0||JobHeldUser|0|
10|PENDING|0||BeginTime|2|
9|RUNNING|0|n1|None|1|
4|CANCELLED|15|n2|None|0|
1|COMPLETED|0|n[1-2]|None|0|
2_0|COMPLETED|0|n1|None|0|
2_1|FAILED|768|n1|NonZeroExitCode|2|
3|FAILED|9|n2|JobLaunchFailure|0|
`;

/** `sacct --noheader --parsable2 --allocations --format=JobID,State,ExitCode,NodeList` */
const SACCT = `1|COMPLETED|0:0|n[1-2]
3|FAILED|0:9|n2
4|CANCELLED by 0|0:0|n2
2_0|COMPLETED|0:0|n1
2_1|FAILED|3:0|n1
6_[3-5]|PENDING|0:0|None assigned
`;

Deno.test("squeue's lines are states of jobs and of elements of arrays", () => {
  const states = parseSqueue(SQUEUE);
  const kinds = [...states].map(([id, state]) => [id, state.kind === "ended" ? state.reason : state.kind]);
  assertEquals(kinds, [
    ["6_3", "waiting"],
    ["8", "waiting"],
    ["10", "waiting"],
    ["9", "running"],
    ["4", "cancelled"],
    ["1", undefined],
    ["2_0", undefined],
    ["2_1", undefined],
    ["3", undefined],
  ]);
  const exits = [...states.values()].map((state) => state.kind === "ended" ? state.exit : undefined);
  assertEquals(exits, [undefined, undefined, undefined, undefined, 143, 0, 0, 3, 137]);
  const restarts = [...states.values()].map((state) => state.kind === "running" ? undefined : state.restarts);
  assertEquals(restarts, [0, 0, 2, undefined, 0, 0, 0, 2, 0]);
  assertEquals(states.get("6_3"), { kind: "waiting", why: "Resources", restarts: 0 });
  assertEquals(states.get("8"), { kind: "waiting", why: "JobHeldUser", stuck: true, restarts: 0 });
});

Deno.test("sacct's lines tell exit codes, signals as shells do, and who cancelled; unexpanded arrays are passed over", () => {
  const states = parseSacct(SACCT);
  assertEquals([...states.keys()], ["1", "3", "4", "2_0", "2_1"]);
  const exits = [...states.values()].map((state) => state.kind === "ended" ? state.exit : state.kind);
  assertEquals(exits, [0, 137, 0, 0, 3]);
  const cancelled = states.get("4")!;
  assertEquals(cancelled.kind === "ended" && cancelled.reason, "cancelled");
  assertStringIncludes(cancelled.kind === "ended" ? cancelled.says : "", "by an administrator (uid 0)");
  assertStringIncludes(cancelled.kind === "ended" ? cancelled.says : "", "n2");
});

Deno.test("an exit code is a code and a signal", () => {
  assertEquals(["3:0", "0:9", "0:0", "", "x", undefined].map(exitOf), [
    3,
    137,
    0,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("only a state that is certain to be an end is one", () => {
  const going = [
    "RUNNING",
    "COMPLETING",
    "CONFIGURING",
    "SUSPENDED",
    "STAGE_OUT",
    "RESIZING",
    "SOMETHING_NEW",
    "",
  ];
  assertEquals(going.map((word) => stateOf(word, undefined, "None", "n1").kind), going.map(() => "running"));
  const waiting = ["PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT"];
  assertEquals(
    waiting.map((word) => stateOf(word, undefined, "None", "").kind),
    waiting.map(() => "waiting"),
  );
});

for (
  const [word, reason, badHost] of [
    ["COMPLETED", undefined, undefined],
    ["FAILED", undefined, undefined],
    ["OUT_OF_MEMORY", "oom", undefined],
    ["TIMEOUT", "timeout", undefined],
    ["DEADLINE", "timeout", undefined],
    ["PREEMPTED", "preempted", undefined],
    ["NODE_FAIL", "infra", "n7"],
    ["BOOT_FAIL", "infra", "n7"],
    ["CANCELLED", "cancelled", undefined],
    ["REVOKED", "infra", undefined],
  ] as const
) {
  Deno.test(`${word} is an end${reason === undefined ? "" : `, by ${reason}`}${badHost ? ", and the machine's fault" : ""}`, () => {
    const state = stateOf(word, 1, "None", "n7");
    assertEquals(state.kind === "ended" && [state.reason, state.badHost], [reason, badHost]);
  });
}

Deno.test("jobs that wait for what passes by itself are not told to wait for ever", () => {
  const passing = [
    "Priority",
    "Resources",
    "ReqNodeNotAvail, UnavailableNodes:n1",
    "Dependency",
    "BeginTime",
    "QOSMaxJobsPerUserLimit",
  ];
  for (const why of passing) assertEquals(stateOf("PENDING", undefined, why, ""), { kind: "waiting", why });
  for (const why of ["None", ""]) assertEquals(stateOf("PENDING", undefined, why, ""), { kind: "waiting" });
  for (const why of ["PartitionTimeLimit", "PartitionNodeLimit", "BadConstraints", "JobHeldAdmin"]) {
    assertEquals(stateOf("PENDING", undefined, why, ""), { kind: "waiting", why, stuck: true });
  }
});

Deno.test({
  name: `a rule is checked against the partitions that there are${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using _ = environment(slurm());
    const place = { cwd: "/" };
    assertEquals(await checkSlurm(rule({ partition: "main" }), place), { problem: undefined, identity: "" });
    const { problem } = await checkSlurm(rule({ partition: "main,gpu" }), place);
    assertEquals(problem, 'Slurm has no partition "gpu"; there are main');
  },
});

Deno.test({
  name:
    `a thousand jobs are one submission; a job that is held is told of; cancelled, none is left${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using _ = environment(slurm());
    using jobs = new Jobs();
    const launcher = slurmLauncher(rule({ ...QUICK, args: ["--hold"] }), jobs.listener, jobs.place);
    const all = Array.from({ length: 1_000 }, () => jobs.shell("echo ran >> ran"));
    all.forEach((job) => launcher.launch(job));
    await until("all have ids", () => jobs.ids.size === 1_000);
    assertEquals(jobs.told.filter((line) => line.startsWith("submitting")).length, 1);
    assertEquals(new Set([...jobs.ids.values()].map((id) => id.split("_")[0])).size, 1);
    await until("it is told that they are held", () => jobs.warnings.length > 0);
    assertStringIncludes(jobs.warnings[0]!, "JobHeldUser");
    launcher.cancel(all, false);
    for (const job of all) await jobs.end(job);
    assertEquals(fs.existsSync(`${jobs.path}/ran`), false);
    await closed(launcher);
  },
});

Deno.test({
  name:
    `a job that Slurm starts again is followed to its end, and told of; each start is counted as Slurm does${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using _ = environment(slurm());
    using jobs = new Jobs();
    const command = (...[name, ...args]: [string, ...string[]]): string =>
      new TextDecoder().decode(new Deno.Command(name, { args }).outputSync().stdout);
    const launcher = slurmLauncher(rule({ ...QUICK, array: false }), jobs.listener, jobs.place);
    const job = jobs.shell('echo begun >> begun; [ -z "$SLURM_RESTART_COUNT" ] || exit 3; exec sleep 1000');
    launcher.launch(job);
    await jobs.filled("begun");
    const id = jobs.ids.get(job.name)!;
    command("scontrol", "requeue", id);
    await until(
      "it rests",
      () => command("squeue", "--noheader", `--jobs=${id}`, "--format=%r") === "BeginTime\n",
    );
    // Sooner, the machine would refuse it.
    command("scontrol", "update", `jobid=${id}`, "starttime=now+2");
    const end = await jobs.end(job);
    assertEquals([end.reason, end.exit], [undefined, 3], end.text);
    assertEquals(jobs.warnings.length, 1);
    // Slurm gives a reason only a moment later.
    assertStringIncludes(
      jobs.warnings[0]!,
      `Slurm has requeued job ${id} of compute, which had been started; it waits until Slurm starts it again`,
    );
    assertEquals(jobs.read("begun"), "begun\nbegun\n");
    const marks = fs.readdirSync(job.folder).filter((name) => name.startsWith("start."));
    assertEquals(marks.sort(), ["start.0", "start.1"]);
    await closed(launcher);
  },
});

Deno.test("a rule is checked where there is no Slurm: which command, and on which host", async () => {
  using _ = environment({ PATH: "/nowhere" });
  const { problem } = await checkSlurm(rule(), { cwd: "/" });
  assertStringIncludes(problem!, "sinfo");
  assertStringIncludes(problem!, Deno.hostname());
  assertStringIncludes(problem!, "/nowhere");
});

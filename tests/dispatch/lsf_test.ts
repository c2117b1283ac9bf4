/** What LSF's commands print, read; and what is asked of them. The answers are written after the manual, not those of a real LSF. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseBjobs, stateOf, submittedId, unitIn } from "../../src/dispatch/lsf/parse.ts";
import { lsfLauncher } from "../../src/dispatch/lsf/lsf.ts";
import { lsf, type LsfOptions } from "../../src/dispatch/lsf/rule.ts";
import type { Resources } from "../../src/model/resources.ts";
import { Jobs } from "./jobs.ts";
import { HandClock, StandIns } from "./stand_in.ts";

Deno.test("bsub's answer holds an id, whatever stands around it", () => {
  assertEquals(submittedId("Job <12345> is submitted to default queue <normal>.\n"), "12345");
  assertEquals(
    submittedId("INFO: your project is charged\nJob <7> is submitted to queue <gpu>.\nsee http://help\n"),
    "7",
  );
  assertEquals(submittedId("Request aborted by esub. Job not submitted."), undefined);
});

Deno.test("the lines of bjobs are states, with exit codes and reasons", () => {
  const states = parseBjobs(`12 0 DONE - -
13 0 EXIT 3 -
14 0 EXIT 130 TERM_OWNER: job killed by owner
15 0 RUN - -
16 0 PEND - -
17 1 DONE - -
17 2 EXIT 9 -
No unfinished job found
`);
  const read = [...states].map(([id, state]) =>
    state.kind === "ended" ? [id, state.reason, state.exit] : [id, state.kind]
  );
  assertEquals(read, [
    ["12", undefined, 0],
    ["13", undefined, 3],
    ["14", "cancelled", 130],
    ["15", "running"],
    ["16", "waiting"],
    ["17[1]", undefined, 0],
    ["17[2]", undefined, 9],
  ]);
});

for (
  const [why, reason] of [
    ["TERM_MEMLIMIT: job killed after reaching LSF memory usage limit", "oom"],
    ["TERM_SWAP: job killed after reaching LSF swap usage limit", "oom"],
    ["TERM_RUNLIMIT: job killed after reaching LSF run time limit", "timeout"],
    ["TERM_DEADLINE: job killed after deadline expires", "timeout"],
    ["TERM_PREEMPT: job killed after preemption", "preempted"],
    ["TERM_OWNER: job killed by owner", "cancelled"],
    ["TERM_ADMIN: job killed by root or LSF administrator", "cancelled"],
    ["TERM_FORCE_OWNER: job killed by owner without time for cleanup", "cancelled"],
    ["TERM_ZOMBIE: job exited while LSF is not available", "infra"],
    ["-", undefined],
  ] as const
) {
  Deno.test(`${why.split(":")[0]} is ${reason ?? "nothing but an exit code"}`, () => {
    const state = stateOf("EXIT", 1, why);
    assertEquals(state.kind === "ended" && state.reason, reason);
    if (why !== "-" && state.kind === "ended") assertStringIncludes(state.says, why.split(":")[0]!);
  });
}

Deno.test("jobs that are suspended, or of which a host does not tell, go on", () => {
  for (const word of ["RUN", "USUSP", "SSUSP", "PROV", "UNKWN"]) {
    assertEquals(stateOf(word, undefined, "-"), { kind: "running" }, word);
  }
  for (const word of ["PEND", "PSUSP", "WAIT"]) {
    assertEquals(stateOf(word, undefined, "-"), { kind: "waiting" });
  }
});

Deno.test("the unit of limits is what a site has configured", () => {
  assertEquals(unitIn("LSF_LOGDIR=/x\nLSF_UNIT_FOR_LIMITS=MB\n"), "MB");
  assertEquals(unitIn('  LSF_UNIT_FOR_LIMITS = "gb"\n'), "GB");
  assertEquals(unitIn("# LSF_UNIT_FOR_LIMITS=MB\n"), undefined);
  assertEquals(unitIn(""), undefined);
});

/** The words by which a job of some needs is submitted. */
async function submitted(options: LsfOptions, resources: Resources, count = 1): Promise<string[]> {
  using commands = new StandIns(["bsub", "jbsub", "bjobs", "bkill"], { LSF_ENVDIR: "/nowhere" });
  const clock = new HandClock();
  using jobs = new Jobs(clock.after);
  for (const name of ["bsub", "jbsub"]) {
    commands.reply(name, { stdout: "Job <12> is submitted to default queue <normal>.\n" });
  }
  const launcher = lsfLauncher(lsf(options), jobs.listener, jobs.place);
  const some = Array.from({ length: count }, () => jobs.shell("true", { resources }));
  some.forEach((job) => launcher.launch(job));
  await clock.until("all are out", () => jobs.ids.size === count);
  launcher.settled(some);
  let closed = false;
  void launcher.close().then(() => closed = true);
  await clock.until("the launcher's end", () => closed);
  const [words, ...more] = commands.calls(options.jbsub ? "jbsub" : "bsub");
  assertEquals(more, []);
  return words!.map((word) => word.replace(some[0]!.name, "NAME"));
}

/** The word behind another one. */
function after(words: readonly string[], option: string): string | undefined {
  const at = words.indexOf(option);
  return at < 0 ? undefined : words[at + 1];
}

const GIBI = 1024 ** 3;

Deno.test("what a job needs is said in bsub's words", async () => {
  const words = await submitted(
    { queue: "gpu", project: "x", args: ["-app", "{task}"] },
    { cpu: 4, mem: 16 * GIBI, gpu: 2, time: 90_000 },
  );
  const options = ["-J", "-q", "-P", "-n", "-M", "-gpu", "-W", "-app"].map((option) => after(words, option));
  assertEquals(options, ["NAME", "gpu", "x", "4", String(16 * 1024 ** 2), "num=2", "2", "compute"]);
  assertStringIncludes(words.join(" "), "span[hosts=1]");
});

Deno.test("memory is said in the unit of the site, of the job or of each slot", async () => {
  const needs = { cpu: 4, mem: 16 * GIBI };
  assertEquals(after(await submitted({ memoryUnit: "MB" }, needs), "-M"), "16384");
  assertEquals(after(await submitted({ memoryUnit: "GB" }, needs), "-M"), "16");
  assertEquals(after(await submitted({ memoryUnit: "GB", perSlot: true }, needs), "-M"), "4");
});

Deno.test("jobs of equal needs are elements of an array, from 1 on", async () => {
  assertEquals(after(await submitted({}, {}, 3), "-J"), "NAME[1-3]");
});

Deno.test("what a job needs is said in jbsub's words", async () => {
  const words = await submitted({ jbsub: true, queue: "x86_1h" }, { cpu: 4, mem: 16 * GIBI, gpu: 1 });
  const options = ["-name", "-queue", "-cores", "-mem"].map((option) => after(words, option));
  assertEquals(options, ["NAME", "x86_1h", "4+1", "16g"]);
  assertMatch(words.at(-1)!, /NAME\.sh'?$/);
});

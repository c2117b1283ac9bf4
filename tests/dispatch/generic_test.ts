/** A queue of which nothing is known but its commands: how they are filled in, and how their answers are read. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import type { JobEnd } from "../../src/model/job.ts";
import { checkGeneric, genericLauncher } from "../../src/dispatch/generic/generic.ts";
import { generic, type GenericOptions } from "../../src/dispatch/generic/rule.ts";
import { Jobs } from "./jobs.ts";
import { HandClock, StandIns } from "./stand_in.ts";

/** What became of two jobs, and what the commands were given. */
interface Course {
  readonly ends: readonly JobEnd[];
  readonly ids: readonly (string | undefined)[];
  readonly calls: (name: string) => readonly (readonly string[])[];
}

const SUBMIT = "qsub -N {name} -v {task}={input.tool} {script}";

/** Two jobs through commands that answer as said. */
async function course(
  options: Partial<GenericOptions>,
  submitted: readonly [string, string],
  status: string,
): Promise<Course> {
  using commands = new StandIns(["qsub", "qstat", "qdel"]);
  const clock = new HandClock();
  using jobs = new Jobs(clock.after);
  submitted.forEach((stdout, index) => commands.reply("qsub", { stdout }, index + 1));
  commands.reply("qstat", { stdout: status });
  const rule = generic({ submit: SUBMIT, status: "qstat", cancel: "qdel", ...options });
  const launcher = genericLauncher(rule, jobs.listener, jobs.place);
  const some = ["it's", "a b"].map((tool) => jobs.shell("true", { input: { tool } }));
  some.forEach((job) => launcher.launch(job));
  await clock.until("both have ended", () => some.every((job) => jobs.hasEnded(job)));
  const ends = await Promise.all(some.map((job) => jobs.end(job)));
  let closed = false;
  void launcher.close().then(() => closed = true);
  await clock.until("the launcher's end", () => closed);
  const calls = new Map(
    ["qsub", "qstat", "qdel"].map((name) =>
      [
        name,
        commands.calls(name).map((words) =>
          words.map((word) => some.reduce((text, job, index) => text.replace(job.name, `JOB${index}`), word))
        ),
      ] as const
    ),
  );
  return { ends, ids: some.map(({ name }) => jobs.ids.get(name)), calls: (name) => calls.get(name)! };
}

Deno.test("the first number that is printed is the id; the fields of a job stay within their words", async () => {
  const { ids, calls } = await course(
    {},
    ["Your job 17 is in\n", "Your job 18 is in\n"],
    "17 done\n18 failed\n",
  );
  assertEquals(ids, ["17", "18"]);
  assertEquals(calls("qsub").map((words) => words.slice(0, -1)), [
    ["-N", "JOB0", "-v", "compute=it's"],
    ["-N", "JOB1", "-v", "compute=a b"],
  ]);
});

Deno.test("an id is what a pattern finds", async () => {
  const { ids, calls } = await course(
    { parseId: /accepted as (\S+)/, status: ["qstat", "-x", "{ids}"] },
    ["3 ahead; accepted as ab.1\n", "4 ahead; accepted as ab.2\n"],
    "ab.1 done\nab.2 done\n",
  );
  assertEquals(ids, ["ab.1", "ab.2"]);
  assertEquals(calls("qstat").at(-1), ["-x", "ab.1", "ab.2"]);
});

Deno.test("ids are words of their own, or parted by commas within one, or stand behind all others", async () => {
  const answers = ["1\n", "2\n"] as const;
  const asked = async (status: string) =>
    (await course({ status }, answers, "1 done\n2 done\n")).calls("qstat").at(-1);
  assertEquals(await asked("qstat {ids} -a"), ["1", "2", "-a"]);
  assertEquals(await asked("qstat --jobs={ids}"), ["--jobs=1,2"]);
  assertEquals(await asked("qstat"), ["1", "2"]);
});

Deno.test("a site's words are what the rule says they are", async () => {
  const { ends } = await course(
    { states: { C: "done", K: "oom" } },
    ["1\n", "2\n"],
    "header to be passed over\n1 C\n2 | K\n",
  );
  assertEquals(ends.map(({ reason }) => reason), [undefined, "oom"]);
});

Deno.test("an answer that is no list of lines is read by a function", async () => {
  const { ends } = await course(
    {
      parseStatus: (text) =>
        Object.fromEntries(
          (JSON.parse(text) as { readonly id: string; readonly over: boolean }[]).map(({ id, over }) =>
            [id, over ? "timeout" : "running"] as const
          ),
        ),
    },
    ["1\n", "2\n"],
    '[{"id":"1","over":true},{"id":"2","over":true}]',
  );
  assertEquals(ends.map(({ reason }) => reason), ["timeout", "timeout"]);
});

Deno.test("jobs that the queue leaves out are over", async () => {
  const { ends } = await course({}, ["1\n", "2\n"], "1 done\n");
  assertEquals(ends.map(({ reason, neverBegan, lost }) => [reason, neverBegan, lost ?? false]), [
    [undefined, undefined, false],
    [undefined, undefined, false],
  ]);
  assertStringIncludes(ends[1]!.text, "2");
});

Deno.test("a job of which the queue says a word that nobody has explained is not over, and told of", async () => {
  using commands = new StandIns(["qsub", "qstat", "qdel"]);
  const clock = new HandClock();
  using jobs = new Jobs(clock.after);
  commands.reply("qsub", { stdout: "17\n" });
  commands.reply("qstat", { stdout: "Job State\n17 H\n" });
  const launcher = genericLauncher(
    generic({ submit: SUBMIT, status: "qstat", cancel: "qdel", states: { R: "running" } }),
    jobs.listener,
    jobs.place,
  );
  const job = jobs.shell("true", { input: { tool: "x" } });
  launcher.launch(job);
  await clock.until("some questions", () => commands.calls("qstat").length >= 6);
  assertEquals([jobs.hasEnded(job), jobs.warnings.length], [false, 1]);
  assertStringIncludes(jobs.warnings[0]!, '"H"');
  assertStringIncludes(jobs.warnings[0]!, "`states`");
  commands.reply("qstat", { stdout: "17 done\n" });
  await clock.until("its end", () => jobs.hasEnded(job));
  assertEquals((await jobs.end(job)).exit, 0);
  let closed = false;
  void launcher.close().then(() => closed = true);
  await clock.until("the launcher's end", () => closed);
});

Deno.test("a job that failed without having begun has not failed by itself", async () => {
  const { ends } = await course({}, ["1\n", "2\n"], "1 failed\n2 oom\n");
  assertEquals(ends.map(({ reason }) => reason), ["infra", "oom"]);
});

Deno.test("a submission without an id ends its job, with what was printed", async () => {
  const { ends } = await course({}, ["no luck today\n", "5\n"], "5 done\n");
  assertEquals(ends.map(({ neverBegan }) => neverBegan), [true, undefined]);
  assertStringIncludes(ends[0]!.text, "no luck today");
});

Deno.test("a rule is checked: commands that are not there, words for states that mean nothing", async () => {
  const { problem } = await checkGeneric(
    generic({
      submit: "/nowhere/qsub {script}",
      status: "true",
      cancel: "true",
      states: { R: "runing" as "running" },
    }),
    { cwd: "/" },
  );
  assertStringIncludes(problem!, "/nowhere/qsub");
  assertStringIncludes(problem!, Deno.hostname());
  assertStringIncludes(problem!, '`states.R` is "runing"; did you mean "running"?');
  const fine = generic({ submit: "true {script}", status: "true", cancel: "true", states: { R: "running" } });
  assertEquals(await checkGeneric(fine, { cwd: "/" }), { problem: undefined, identity: "" });
});

Deno.test("the rule for Grid Engine in the documents compiles, and reads what that prints", async () => {
  const page = fs.readFileSync(new URL("../../docs/dispatch.md", import.meta.url), "utf8");
  const [, example] = /```ts\n(\/\/ sge\.ts\n[^]*?)```/.exec(page)!;
  const folder = new URL("../../", import.meta.url);
  const file = new URL(`.sge-${crypto.randomUUID()}.ts`, folder);
  fs.writeFileSync(file, example!);
  try {
    const { code, stderr } = new Deno.Command(Deno.execPath(), { args: ["check", "--quiet", file.pathname] })
      .outputSync();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { sge }: { sge: GenericOptions } = await import(file.href);
    const { ids, calls, ends } = await course(
      { ...sge, submit: "qsub -terse -N {name} {script}" },
      ["17\n", "18\n"],
      `job-ID  prior   name  user  state submit/start at     queue
-----------------------------------------------------------
     18 0.5 runner-r-1   ci    Eqw   11/28/2026 12:00:00
`,
    );
    assertEquals(ids, ["17", "18"]);
    assertEquals(calls("qstat")[0]!.length, 2);
    assertEquals(ends.map(({ exit, reason, text }) => [exit, reason, /state is "(\w+)"/.exec(text)?.[1]]), [
      [undefined, undefined, undefined],
      [undefined, "infra", "failed"],
    ]);
  } finally {
    fs.rmSync(file);
  }
});

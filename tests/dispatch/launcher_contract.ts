/** What every launcher of a queue keeps, whichever queue it is: with real commands, real jobs and the real clock. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import type { Job, Launcher, LauncherListener, LauncherPlace } from "../../src/model/job.ts";
import { until } from "../support/files.ts";
import { closed, Jobs } from "./jobs.ts";

/** Makes a launcher. */
export type Open = (listener: LauncherListener, place: LauncherPlace) => Launcher;

/** A launcher that is to keep the contract, and what it cannot do by nature. */
export interface LauncherCase {
  readonly name: string;
  /** Why it cannot be tried here, to stand behind the names of tests; empty when it can. */
  readonly without: string;
  readonly open: Open;
  /** The same with a command for submissions that is not there: which one. */
  readonly missing: { readonly command: string; readonly open: Open };
  /** Jobs of equal needs become one submission. */
  readonly arrays: boolean;
  /** How many jobs are sent at once where it is many. */
  readonly many: number;
  /** It knows exit codes. */
  readonly tellsExit: boolean;
  /** It can look for a job whose id nobody noted. */
  readonly findsByName: boolean;
  /** Sets up what its commands need, for a test. */
  readonly environment: () => Disposable;
}

/** A line of shell that waits until a file is there. */
function waitFor(file: string): string {
  return `while [ ! -e ${file} ]; do sleep 0.05; done`;
}

/** Declares the tests of a launcher. */
export function launcherContract(one: LauncherCase): void {
  const declare = (what: string, body: (jobs: Jobs) => Promise<void>, without = one.without): void =>
    Deno.test({
      name: `${one.name}: ${what}${without}`,
      ignore: without !== "",
      fn: async () => {
        using _ = one.environment();
        using jobs = new Jobs();
        await body(jobs);
      },
    });
  const open = (jobs: Jobs): Launcher => one.open(jobs.listener, jobs.place);

  declare(
    "a job is announced, submitted, run in its folder with its words, and told to have ended",
    async (jobs) => {
      const launcher = open(jobs);
      const words = ["a b", "it's", '"$HOME"', "back\\slash", "two\nlines", "", "*", "ünï"];
      const script = 'pwd; printf "<%s>" "$@"; echo wrong >&2';
      const job = jobs.job(["sh", "-c", script, "sh", ...words]);
      launcher.launch(job);
      const end = await jobs.end(job);
      assertEquals([end.reason, end.neverBegan], [undefined, undefined], end.text);
      assertEquals(jobs.told, ["submitting 1", "submitted 1", "ended 1"]);
      assertEquals(jobs.out(job), `${jobs.path}\n${words.map((word) => `<${word}>`).join("")}`);
      assertEquals(fs.readFileSync(`${job.folder}/err.txt`, "utf8"), "wrong\n");
      await closed(launcher);
      assertEquals(jobs.warnings, []);
    },
  );

  declare("an exit code is told, with the job, and how to submit it by hand", async (jobs) => {
    const launcher = open(jobs);
    const job = jobs.shell("exit 7");
    launcher.launch(job);
    const end = await jobs.end(job);
    if (one.tellsExit) assertEquals(end.exit, 7, end.text);
    assertEquals(end.neverBegan, undefined);
    assertStringIncludes(end.text, jobs.ids.get(job.name)!);
    assertStringIncludes(end.command!, job.name);
    await closed(launcher);
  });

  declare(`${one.many} jobs at once: each runs once, each end is told once`, async (jobs) => {
    const launcher = open(jobs);
    const all = Array.from({ length: one.many }, (_, index) => jobs.shell(`echo ${index} >> ran`));
    all.forEach((job) => launcher.launch(job));
    for (const job of all) assertEquals((await jobs.end(job)).neverBegan, undefined);
    const ran = jobs.read("ran").trim().split("\n").map(Number).sort((one, other) => one - other);
    assertEquals(ran, all.map((_, index) => index));
    const submissions = jobs.told.filter((line) => line.startsWith("submitting")).length;
    assertEquals(submissions, one.arrays ? 1 : one.many);
    assertEquals(new Set(jobs.ids.values()).size, one.many, "ids differ");
    await closed(launcher);
  });

  declare(
    "jobs are cancelled: those that run, those that wait, those that are not submitted yet",
    async (jobs) => {
      const launcher = open(jobs);
      // More than the cluster has room for.
      const some = Array.from(
        { length: 8 },
        () => jobs.shell('trap "" HUP; echo begun >> begun; sleep 1000'),
      );
      some.forEach((job) => launcher.launch(job));
      await jobs.filled("begun");
      const late = jobs.shell("echo late > late");
      launcher.launch(late);
      launcher.cancel([...some, late], true);
      for (const job of [...some, late]) await jobs.end(job);
      assertEquals((await jobs.end(late)).neverBegan, true);
      await closed(launcher);
      assertEquals(fs.existsSync(`${jobs.path}/late`), false);
      assertEquals(jobs.warnings, []);
    },
  );

  declare("closing ends all that is left, and tells nobody", async (jobs) => {
    const launcher = open(jobs);
    const job = jobs.shell("echo $$ > begun; exec sleep 1000");
    launcher.launch(job);
    const pid = await jobs.filled("begun");
    launcher.launch(jobs.shell("echo late > late"));
    await closed(launcher);
    await until("the job's process is gone", () => !fs.existsSync(`/proc/${pid}`));
    assertEquals(fs.existsSync(`${jobs.path}/late`), false);
  });

  declare("a job whose results are there is let go: it is neither told nor cancelled", async (jobs) => {
    const launcher = open(jobs);
    const [job, other] = [
      jobs.shell(`echo begun > begun; ${waitFor("go")}; echo done > done`),
      jobs.shell("true"),
    ];
    [job, other].forEach((one) => launcher.launch(one));
    await jobs.filled("begun");
    launcher.settled([job]);
    await jobs.end(other);
    await closed(launcher);
    assertEquals(jobs.hasEnded(job), false);
    fs.writeFileSync(`${jobs.path}/go`, "");
    assertEquals(await jobs.filled("done"), "done");
  });

  declare("another launcher takes jobs over by their ids, and sees their ends", async (jobs) => {
    await left(jobs, async (some, launcher) => {
      for (const job of some) launcher.adopt(job, jobs.ids.get(job.name));
      await Promise.resolve();
    });
  });

  declare(
    "another launcher finds jobs whose ids nobody noted, alone or in an array",
    async (jobs) => {
      await left(jobs, async (some, launcher) => {
        for (const job of some) launcher.adopt(job, undefined);
        await until("they are found", () => jobs.told.filter((line) => /^submitted/.test(line)).length === 6);
      });
    },
    one.findsByName ? one.without : " (ignored: nothing is known of how it looks for names)",
  );

  declare("whether jobs go on can be asked by others, to whom they do not matter", async (jobs) => {
    const [launcher, other] = [open(jobs), open(jobs)];
    const [job, never] = [jobs.shell(`echo > begun; ${waitFor("go")}`), jobs.shell("true")];
    launcher.launch(job);
    await jobs.filled("begun");
    const left = (id = jobs.ids.get(job.name)) => [{ job, id }, { job: never, id: undefined }];
    assertEquals(await other.standing(left()), ["on", "unknown"]);
    assertEquals(await other.close(), []);
    assert(!jobs.hasEnded(job));
    fs.writeFileSync(`${jobs.path}/go`, "");
    await jobs.end(job);
    const [standing, ...more] = await launcher.standing(left());
    assert(standing === "over" || standing === "unknown", standing);
    assertEquals(more, ["unknown"]);
    await closed(launcher);
  });

  declare("a job that no queue ever had is told so", async (jobs) => {
    const launcher = open(jobs);
    const job = jobs.shell("true");
    launcher.adopt(job, undefined);
    const end = await jobs.end(job);
    assertEquals(end.neverBegan, true);
    await closed(launcher);
  });

  declare(
    "a command that is not there ends jobs before they began, with its name and the host",
    async (jobs) => {
      const launcher = one.missing.open(jobs.listener, jobs.place);
      const job = jobs.shell("true");
      launcher.launch(job);
      const end = await jobs.end(job);
      assertEquals([end.reason, end.neverBegan], ["infra", true]);
      assertStringIncludes(end.text, one.missing.command);
      assertStringIncludes(end.text, Deno.hostname());
      assertStringIncludes(end.command!, one.missing.command);
      await closed(launcher);
    },
  );

  /** Submits three jobs, forgets the launcher, and lets another one take them over. */
  async function left(
    jobs: Jobs,
    takeOver: (some: readonly Job[], launcher: Launcher) => Promise<void>,
  ): Promise<void> {
    const first = open(jobs);
    const some = [0, 3, 0].map((code, index) =>
      jobs.shell(`echo begun > begun${index}; ${waitFor("go")}; echo ${index} > done${index}; exit ${code}`)
    );
    some.forEach((job) => first.launch(job));
    await until("all have ids", () => some.every(({ name }) => jobs.ids.has(name)));
    const ids = new Map(jobs.ids);
    // It is as if it had died: what it has learnt is not told any more.
    first.settled(some);
    await closed(first);
    const second = open(jobs);
    await takeOver(some, second);
    assertEquals(new Map(jobs.ids), ids);
    fs.writeFileSync(`${jobs.path}/go`, "");
    const ends = await Promise.all(some.map((job) => jobs.end(job)));
    if (one.tellsExit) assertEquals(ends.map(({ exit }) => exit), [0, 3, 0]);
    assert(ends.every(({ neverBegan }) => neverBegan === undefined));
    assertEquals([0, 1, 2].map((index) => jobs.read(`done${index}`).trim()), ["0", "1", "2"]);
    await closed(second);
  }
}

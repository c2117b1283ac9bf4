/** What every launcher does whose jobs are children of this program; jobs are lines of shell. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import type { Launcher } from "../../src/model/job.ts";
import { until } from "../support/files.ts";
import { closed, Jobs } from "./jobs.ts";

/** A launcher under test. */
export interface Cases {
  /** Whether it cannot be tried here; the name says why. */
  readonly ignore: boolean;
  readonly open: (jobs: Jobs) => Launcher;
  /** The command takes jobs out of their group: they hear nothing before they are ended. */
  readonly deaf?: boolean;
  /** Whether a job that has begun can be asked to end already. */
  readonly hears?: () => boolean;
  /** Processes that run for a mark in their command line; elsewhere than on this host, if it is another one. */
  readonly running?: (mark: string) => readonly string[];
}

/** Processes of this host with a text in their command line. */
export function commandsWith(mark: string): readonly string[] {
  return fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const line = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return line.includes(mark) ? [line] : [];
    } catch {
      return [];
    }
  });
}

/** Defines the tests. */
export function attachedCases(
  what: string,
  { ignore, open, deaf = false, hears = () => true, running = commandsWith }: Cases,
): void {
  const test = (name: string, fn: (jobs: Jobs) => Promise<void>) =>
    Deno.test({
      name: `${what}: ${name}`,
      ignore,
      fn: async () => {
        using jobs = new Jobs();
        await fn(jobs);
      },
    });

  test("a job runs in its folder, what it prints is in files, its end is told once", async (jobs) => {
    const launcher = open(jobs);
    const job = jobs.shell("pwd; echo to err >&2; echo made > 'a file'");
    launcher.launch(job);
    const end = await jobs.end(job);
    assertEquals([end.reason, end.exit, end.neverBegan], [undefined, 0, undefined], end.text);
    assertEquals([jobs.out(job), jobs.read("a file")], [`${jobs.path}\n`, "made\n"]);
    assertStringIncludes(fs.readFileSync(`${job.folder}/err.txt`, "utf8"), "to err\n");
    assertEquals(jobs.told, ["submitting 1", "submitted 1", "ended 1"]);
    await closed(launcher);
    assertEquals([jobs.told.length, jobs.warnings], [3, []]);
  });

  test("words arrive as they are", async (jobs) => {
    const launcher = open(jobs);
    const words = [
      "",
      " ",
      "a b",
      "'",
      '"',
      "$HOME $(id) `id`",
      "a\nb",
      "\\",
      "{x}",
      "ü ☃",
      "*",
      "-n",
      "a,b",
      "!",
    ];
    const job = jobs.job(["sh", "-c", 'printf "%s|" "$@"', "sh", ...words]);
    launcher.launch(job);
    assertEquals((await jobs.end(job)).exit, 0);
    assertEquals(jobs.out(job), words.map((word) => `${word}|`).join(""));
    await closed(launcher);
  });

  test("an exit code is told, with the last line and a command to try it by hand", async (jobs) => {
    const launcher = open(jobs);
    const job = jobs.shell("echo fine; echo first >&2; echo it is wrong >&2; echo >&2; exit 3");
    launcher.launch(job);
    const end = await jobs.end(job);
    assertEquals([end.reason, end.exit, end.neverBegan], ["exit", 3, undefined], end.text);
    assertMatch(end.text, /ended with exit code 3 on host .+: it is wrong$/);
    assertStringIncludes(end.command!, "exit 3");
    const tried = await new Deno.Command("sh", { args: ["-c", end.command!] }).output();
    assertEquals([tried.code, new TextDecoder().decode(tried.stdout)], [3, "fine\n"]);
    await closed(launcher);
  });

  test("a cancelled job is gone with all it started when its end is told", async (jobs) => {
    const launcher = open(jobs);
    const mark = `10${Date.now()}`;
    const [job, other] = [
      jobs.shell(`sleep ${mark} & echo > begun; sleep ${mark}; echo > finished`),
      jobs.shell("echo > other; while [ ! -e go ]; do sleep 0.05; done"),
    ];
    launcher.launch(job);
    launcher.launch(other);
    await Promise.all([jobs.filled("begun"), jobs.filled("other")]);
    launcher.cancel([job], false);
    assert(running(mark).length >= 2 && !jobs.hasEnded(job), "only asked, which others do");
    launcher.cancel([job], true);
    const end = await jobs.end(job);
    assertEquals([end.reason, running(mark)], [undefined, []], end.text);
    assert(!jobs.hasEnded(other) && !fs.existsSync(`${jobs.path}/finished`));
    fs.writeFileSync(`${jobs.path}/go`, "");
    assertEquals((await jobs.end(other)).exit, 0);
    await closed(launcher);
  });

  if (!deaf) {
    test("a job that is ended is asked first, and may say what it has to say", async (jobs) => {
      const launcher = open(jobs);
      const job = jobs.shell(
        "trap 'echo asked > asked; echo last words; exit 0' TERM; echo > begun; while :; do sleep 0.05; done",
      );
      launcher.launch(job);
      await jobs.filled("begun");
      await until("it hears", hears);
      launcher.cancel([job], true);
      await jobs.end(job);
      assertEquals(jobs.read("asked"), "asked\n");
      await closed(launcher);
    });
  }

  test("what a job leaves when it ends is ended", async (jobs) => {
    const launcher = open(jobs);
    const mark = `11${Date.now()}`;
    const job = jobs.shell(`sleep ${mark} & exit 0`);
    launcher.launch(job);
    assertEquals((await jobs.end(job)).exit, 0);
    await until("nothing runs", () => running(mark).length === 0);
    await closed(launcher);
  });

  test("close ends what is left, and does not tell of it", async (jobs) => {
    const launcher = open(jobs);
    const mark = `12${Date.now()}`;
    const list = [1, 2, 3].map((number) => jobs.shell(`echo > begun${number}; sleep ${mark}`));
    list.forEach((job) => launcher.launch(job));
    await Promise.all([1, 2, 3].map((number) => jobs.filled(`begun${number}`)));
    await closed(launcher);
    assertEquals(running(mark), []);
    assert(list.every((job) => !jobs.hasEnded(job)));
    assertEquals(await launcher.close(), []);
  });

  test("whether a job goes on can be asked by others, to whom it does not matter", async (jobs) => {
    const [launcher, other] = [open(jobs), open(jobs)];
    const [job, never] = [
      jobs.shell("echo > begun; while [ ! -e go ]; do sleep 0.05; done; echo done > done"),
      jobs.shell("true"),
    ];
    launcher.launch(job);
    await jobs.filled("begun");
    const left = () => [{ job, id: jobs.ids.get(job.name) }, { job: never, id: undefined }];
    assertEquals(await other.standing(left()), ["on", "over"]);
    assertEquals(await other.close(), []);
    assert(!jobs.hasEnded(job));
    fs.writeFileSync(`${jobs.path}/go`, "");
    assertEquals((await jobs.end(job)).exit, 0);
    assertEquals(jobs.read("done"), "done\n");
    assertEquals(await launcher.standing(left()), ["over", "over"]);
    await closed(launcher);
  });

  test("a launcher that closes at once leaves nothing", async (jobs) => {
    const launcher = open(jobs);
    const mark = `13${Date.now()}`;
    launcher.launch(jobs.shell(`sleep ${mark}`));
    await closed(launcher);
    assertEquals(running(mark), []);
  });
}

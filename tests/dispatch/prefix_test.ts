/** Jobs behind any command, with real ones. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import fc from "fast-check";
import { checkPrefix, prefixLauncher } from "../../src/dispatch/prefix/prefix.ts";
import { prefix } from "../../src/dispatch/prefix/rule.ts";
import { until } from "../support/files.ts";
import { marked } from "../support/leaks.ts";
import { HandClock } from "../support/members.ts";
import { attachedCases } from "./attached_cases.ts";
import { closed, Jobs } from "./jobs.ts";

const ignore = Deno.build.os === "windows";
const open = (jobs: Jobs, command: string | readonly string[]) =>
  prefixLauncher(prefix(command), jobs.listener, jobs.place);

for (const command of ["env", "nice -n 1", "setsid --wait", ["env", "X=a b"], "sh -c '\"$@\"' sh"]) {
  attachedCases(`prefix ${command}`, {
    ignore,
    open: (jobs) => open(jobs, command),
    deaf: String(command).startsWith("setsid"),
  });
}

Deno.test({
  name: "what a job is arrives in the command as it is, each field in one word",
  ignore,
  fn: async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
        fc.string().filter((text) => !text.includes("\0")),
        async (first, second) => {
          using jobs = new Jobs();
          const launcher = open(jobs, [
            "sh",
            "-c",
            'printf "%s\\0" "$@"; "$0"',
            "true",
            "{input.a}",
            "-{input.b}-",
          ]);
          const job = jobs.job(["echo", second], { input: { a: first, b: second } });
          launcher.launch(job);
          assertEquals((await jobs.end(job)).exit, 0);
          const words = jobs.out(job).split("\0").slice(0, -1);
          const clean = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text));
          assertEquals(words, [first, `-${second}-`, "echo", second].map(clean));
          await closed(launcher);
        },
      ),
      { numRuns: 25 },
    );
  },
});

Deno.test({
  name: "a command that is not there is told with host and PATH, and nothing began",
  ignore,
  fn: async () => {
    using jobs = new Jobs();
    const launcher = open(jobs, "no-such-command -x");
    const job = jobs.shell("true");
    launcher.launch(job);
    const { text, command, ...end } = await jobs.end(job);
    assertEquals(end, { reason: "infra", exit: undefined, neverBegan: true });
    assertEquals(
      text,
      `there is no command "no-such-command" on host ${os.hostname()} (PATH ${process.env["PATH"]})`,
    );
    assertEquals(command, `cd '${jobs.path.replaceAll("'", `'\\''`)}' && no-such-command -x sh -c true`);
    assertEquals((await checkPrefix(prefix("no-such-command -x"), jobs.place)).problem, text);
    assertEquals(await checkPrefix(prefix("env {task}"), jobs.place), { problem: undefined, identity: "" });
    assertMatch(
      (await checkPrefix(prefix("./absent"), jobs.place)).problem!,
      /no program ".*\/absent" on host/,
    );
    await closed(launcher);
  },
});

Deno.test({
  name: "a folder that is not there, and a file that is no program, are told",
  ignore,
  fn: async () => {
    using jobs = new Jobs();
    fs.writeFileSync(`${jobs.path}/text`, "hello\n");
    const launcher = open(jobs, "env");
    const file = prefixLauncher(prefix([`${jobs.path}/text`]), jobs.listener, jobs.place);
    const [nowhere, text, script] = [
      jobs.shell("true", { cwd: "/no/such" }),
      jobs.shell("true"),
      jobs.job([`${jobs.path}/text`]),
    ];
    launcher.launch(nowhere);
    file.launch(text);
    launcher.launch(script);
    assertStringIncludes(
      (await jobs.end(nowhere)).text,
      'there is no folder /no/such to start "env" in on host',
    );
    assertMatch((await jobs.end(text)).text, /"\/.*text" on host .* may not be run/);
    const end = await jobs.end(script);
    assertEquals([end.reason, end.exit], ["exit", 126]);
    assertMatch(end.text, /could not be run.* on host .*env: .*Permission denied/);
    await closed(launcher);
    await closed(file);
  },
});

Deno.test({
  name: "signals and full heaps are told",
  ignore,
  fn: async () => {
    using jobs = new Jobs();
    const launcher = open(jobs, "env");
    const told = async (line: string) => {
      const job = jobs.shell(line);
      launcher.launch(job);
      const { reason, exit, text } = await jobs.end(job);
      return [reason, exit, text.replace(` on host ${os.hostname()}`, "")];
    };
    assertEquals(await told("kill -SEGV $$"), [
      "crash",
      undefined,
      '"env" was ended by SIGSEGV: it broke down',
    ]);
    assertEquals(await told("kill -KILL $$"), [
      "crash",
      undefined,
      '"env" was ended by SIGKILL: somebody killed it, or the machine ran out of memory',
    ]);
    assertEquals(await told("sh -c 'kill -ABRT $$'; exit $?"), [
      "crash",
      134,
      '"env" ended with exit code 134, which stands for SIGABRT: it broke down: Aborted',
    ]);
    const full = await told(
      "echo Fatal JavaScript out of memory: Ineffective mark-compacts >&2; echo more >&2; exit 133",
    );
    assertEquals(full.slice(0, 2), ["oom", 133]);
    assertMatch(String(full[2]), /ran out of memory.*Ineffective mark-compacts/);
    await closed(launcher);
  },
});

Deno.test({
  name: "a job that does not mind being asked is killed after the grace, with all it started",
  ignore,
  fn: async () => {
    const clock = new HandClock();
    using jobs = new Jobs(clock.after.bind(clock));
    const launcher = open(jobs, "env");
    const job = jobs.shell(
      "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > inner; while :; do sleep 0.05; done' & echo $$ > outer; wait; wait",
    );
    launcher.launch(job);
    const pids = [Number(await jobs.filled("inner")), Number(await jobs.filled("outer"))];
    launcher.cancel([job], false);
    assertEquals(clock.pending, 0, "nothing is done to a job that is only to be asked");
    launcher.cancel([job], true);
    launcher.cancel([job], true);
    clock.move(4_900);
    assert(pids.every((pid) => fs.existsSync(`/proc/${pid}`)) && !jobs.hasEnded(job));
    clock.move(200);
    const done = jobs.end(job);
    // What looks whether they are gone is timed by the clock, too.
    await until("the end", () => {
      clock.move(20);
      return jobs.hasEnded(job);
    });
    assertEquals((await done).reason, undefined);
    assertMatch((await done).text, /was ended by this run/);
    await until("both are gone", () => pids.every((pid) => !fs.existsSync(`/proc/${pid}/cwd`)));
    const closing = launcher.close();
    assertEquals(await closing, []);
  },
});

Deno.test({
  name: "what is left of a job's group is ended at once",
  ignore,
  fn: async () => {
    // Nothing that is to be done later is ever done.
    using jobs = new Jobs(() => () => {});
    const launcher = open(jobs, "env");
    const job = jobs.shell("sleep 1000 & echo $! > left");
    launcher.launch(job);
    assertEquals((await jobs.end(job)).exit, 0);
    const pid = Number(await jobs.filled("left"));
    await until("it is gone", () => !fs.existsSync(`/proc/${pid}/cwd`));
    await closed(launcher);
  },
});

Deno.test({
  name: "a process that left the group of its job is ended with it",
  ignore: ignore || Deno.build.os !== "linux",
  fn: async () => {
    using jobs = new Jobs();
    const launcher = open(jobs, "env");
    const mark = `MARK=${jobs.run}`;
    const job = jobs.shell(`export ${mark}; setsid sleep 1000 & sleep 1000`);
    launcher.launch(job);
    await until("three processes", () => marked(mark).length >= 2);
    launcher.cancel([job], true);
    await jobs.end(job);
    await until("none", () => marked(mark).length === 0);
    await closed(launcher);
  },
});

Deno.test({
  name: "many jobs leave no process and no open file behind",
  ignore: ignore || Deno.build.os !== "linux",
  fn: async () => {
    using jobs = new Jobs();
    const files = () => fs.readdirSync("/proc/self/fd").length;
    const launcher = open(jobs, "env");
    const warm = jobs.shell("true");
    launcher.launch(warm);
    await jobs.end(warm);
    const before = files();
    let most = 0;
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < 1000) {
        const job = jobs.job(["true"]);
        begun++;
        launcher.launch(job);
        most = Math.max(most, files());
        assertEquals((await jobs.end(job)).exit, 0);
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    assert(most - before <= 8 * 6, `${most - before} files for 8 jobs`);
    await until("as many files as before", () => files() <= before);
    await closed(launcher);
  },
});

Deno.test({
  name: "of a child of another host, or of one that may be another by now, nobody can tell",
  ignore,
  fn: async () => {
    using jobs = new Jobs();
    const launcher = open(jobs, "env");
    const job = jobs.shell("true");
    const ids = ["1:2.3@another host", `${process.pid}:?@${os.hostname()}`, "0", `1:2.3@${os.hostname()}`];
    assertEquals(
      await launcher.standing(ids.map((id) => ({ job, id }))),
      ["silent", "silent", "silent", "over"],
    );
    await closed(launcher);
  },
});

/** Jobs on other hosts, with a real sshd. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import { hostsFor } from "../../src/dispatch/ssh/hosts.ts";
import { beginLine, MARK, STOP } from "../../src/dispatch/ssh/remote.ts";
import { ssh, type SshOptions } from "../../src/dispatch/ssh/rule.ts";
import { checkSsh, sshLauncher } from "../../src/dispatch/ssh/ssh.ts";
import { sshdService } from "../services/sshd.ts";
import { until } from "../support/files.ts";
import { HandClock } from "../support/members.ts";
import { attachedCases, commandsWith } from "./attached_cases.ts";
import { closed, Jobs } from "./jobs.ts";

const service = sshdService();
const ignore = service.absent !== undefined;
const what = ignore ? `ssh (ignored: ${service.absent})` : "ssh";
const rule = (options: SshOptions = { host: "h1" }) => ssh({ args: ["-F", service.config], ...options });
const open = (jobs: Jobs, options?: SshOptions) => sshLauncher(rule(options), jobs.listener, jobs.place);

/** Processes of a mark, without the clients that have it among their words. */
const running = (mark: string) =>
  commandsWith(mark).filter((line) => !/^ssh /.test(line) && !/sh -c mark=\$1/.test(line));

attachedCases(what, { ignore, open, running });

function test(name: string, fn: (jobs: Jobs) => Promise<void>): void {
  Deno.test({
    name: `${what}: ${name}`,
    ignore,
    fn: async () => {
      using jobs = new Jobs();
      await fn(jobs);
    },
  });
}

test("hosts are looked at: whether they answer, and see the folder", async (jobs) => {
  const { place } = jobs;
  assertEquals(await checkSsh(rule({ hosts: ["h1", "h2"] }), place), { problem: undefined, identity: "" });
  assertEquals((await checkSsh(rule({ hosts: ["h1", "nowhere"] }), place)).problem, undefined);
  const { problem } = await checkSsh(rule({ host: "nowhere" }), place);
  assertMatch(
    problem!,
    /^host nowhere cannot be reached: .*port 1: Connection refused \(try: ssh -F .* -- nowhere true\)$/,
  );
  assertEquals(
    (await checkSsh(rule({ hosts: ["h1", "nowhere"], cd: "/no/such" }), place)).problem,
    `host h1 does not see /no/such; jobs need the folder on both sides under the same path, which is /no/such on host ${os.hostname()}, or \`cd\``,
  );
  assertThrows(() => ssh({}), RangeError, "needs a host");
});

test("a host that cannot be reached is told, and later jobs go to another", async (jobs) => {
  const launcher = open(jobs, { hosts: ["nowhere", "h1"] });
  const [first, ...more] = Array.from({ length: 4 }, () => jobs.shell("true"));
  launcher.launch(first!);
  const end = await jobs.end(first!);
  assertEquals([end.reason, end.exit, end.neverBegan], ["infra", 255, true]);
  assertMatch(
    end.text,
    /^host nowhere cannot be reached: ssh: connect to host 127.0.0.1 port 1: Connection refused$/,
  );
  assertEquals(jobs.warnings, ["host nowhere cannot be reached; jobs go to other hosts for a while"]);
  for (const job of more) launcher.launch(job);
  for (const job of more) assertEquals((await jobs.end(job)).exit, 0);
  await closed(launcher);
});

test("exit codes of the job are its own, also those that ssh uses", async (jobs) => {
  const launcher = open(jobs);
  const told = async (line: string, cwd = jobs.path) => {
    const job = jobs.shell(line, { cwd });
    launcher.launch(job);
    const { reason, exit, text, neverBegan } = await jobs.end(job);
    return [reason, exit, neverBegan, text] as const;
  };
  assertEquals(await told("echo bad >&2; exit 255"), [
    "exit",
    255,
    undefined,
    "the command ended with exit code 255 on host h1: bad",
  ]);
  assertEquals((await told("exit 126")).slice(0, 3), ["exit", 126, undefined]);
  assertMatch(
    (await told("kill -SEGV $$"))[3],
    /^the command ended with exit code 139, which stands for SIGSEGV: it broke down on host h1/,
  );
  await closed(launcher);
});

test("a folder that the other host does not see is told, with both sides", async (jobs) => {
  const launcher = open(jobs, { host: "h1", cd: "/no/such" });
  const job = jobs.shell("true");
  launcher.launch(job);
  const end = await jobs.end(job);
  assertEquals([end.reason, end.neverBegan], ["infra", true], end.text);
  assertMatch(end.text, /^host h1 does not see the job's files, .*: .*: there is no folder \/no\/such$/);
  await closed(launcher);
});

test("a job whose connection is lost ends over there, too", async (jobs) => {
  const launcher = open(jobs);
  const mark = `20${Date.now()}`;
  const job = jobs.shell(`echo > begun; trap '' HUP PIPE; sleep ${mark}; sleep ${mark}`);
  launcher.launch(job);
  await jobs.filled("begun");
  const pid = Number(fs.readFileSync(`${job.folder}/remote`, "utf8").split(" ")[0]);
  // The server's side of the connection is the parent of the shell over there.
  const parent = Number(fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ")[1]);
  Deno.kill(parent, "SIGKILL");
  const end = await jobs.end(job);
  assertEquals([end.reason, end.neverBegan], ["infra", undefined], end.text);
  assertMatch(end.text, /^the connection to host h1 was lost while the job ran/);
  assertEquals(running(mark), []);
  await closed(launcher);
});

test("what a killed runner leaves is ended over there, and nothing else", async (jobs) => {
  const first = open(jobs);
  const [mark, other] = [`21${Date.now()}`, `22${Date.now()}`];
  const [job, kept] = [jobs.shell(`echo > begun; sleep ${mark}`), jobs.shell(`echo > kept; sleep ${other}`)];
  first.launch(job);
  first.launch(kept);
  await Promise.all([jobs.filled("begun"), jobs.filled("kept")]);
  // A mark of a process that is no more must not lead to another one.
  const foreign = jobs.shell("true");
  fs.writeFileSync(
    `${foreign.folder}/remote`,
    fs.readFileSync(`${kept.folder}/remote`, "utf8").replace(/ \d+ /, " 1 "),
  );
  using heirs = new Jobs();
  const second = open(heirs);
  second.adopt(job, undefined);
  second.adopt(foreign, "4711:1.aaaaaaaa@" + os.hostname());
  await heirs.end(job);
  await heirs.end(foreign);
  assertEquals(running(mark), []);
  assert(running(other).length > 0 && !jobs.hasEnded(kept));
  await jobs.end(job);
  await closed(first);
  await closed(second);
  assertEquals(running(other), []);
});

test("a job that was cancelled before it began does not begin", async (jobs) => {
  const launcher = open(jobs);
  const list = Array.from({ length: 6 }, (_, number) => jobs.shell(`echo > begun${number}; sleep 300`));
  for (const job of list) launcher.launch(job);
  launcher.cancel(list, true);
  await Promise.all(list.map((job) => jobs.end(job)));
  await until(
    "no shell is left",
    () => commandsWith(jobs.run).filter((line) => line.startsWith("sh ")).length === 0,
  );
  await closed(launcher);
});

Deno.test({
  name: "a job that must not begin any more does not, however late its shell is",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using jobs = new Jobs();
    const job = jobs.shell("echo > begun");
    const line = beginLine({ mark: `${job.folder}/${MARK}`, cwd: job.cwd, host: "h1" }, job.command);
    fs.writeFileSync(`${job.folder}/${STOP}`, "");
    assertEquals(new Deno.Command("sh", { args: ["-c", line] }).outputSync().code, 143);
    assertEquals([fs.existsSync(`${jobs.path}/begun`), fs.existsSync(`${job.folder}/${MARK}`)], [
      false,
      true,
    ]);
  },
});

Deno.test("jobs go to the host that has the fewest, and to those that answer; after a while to all again", () => {
  const clock = new HandClock();
  const hosts = hostsFor(["a", "b", "c"], clock.after.bind(clock));
  assertEquals([1, 2, 3, 4].map(() => hosts.take()), ["a", "b", "c", "a"]);
  hosts.giveBack("b");
  assertEquals(hosts.take(), "b");
  for (const host of ["a", "a", "b", "c"]) hosts.giveBack(host);
  assertEquals([hosts.failed("b"), hosts.take(), hosts.take()], [true, "a", "c"]);
  assertEquals([hosts.failed("a"), hosts.failed("c"), hosts.take()], [true, false, "b"]);
  clock.move(60_000);
  hosts.giveBack("b");
  assertEquals([hosts.take(), clock.pending], ["b", 0]);
  hosts.failed("a");
  hosts.close();
  assertEquals(clock.pending, 0);
});

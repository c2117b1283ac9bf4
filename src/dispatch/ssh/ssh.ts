/** Jobs on other hosts, by `ssh` clients that are children of this program for as long as they run. */
import fs from "node:fs";
import os from "node:os";
import type { Job, Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { attachedLauncher } from "../attached/attached.ts";
import { ask } from "../attached/capture.ts";
import { commandProblem } from "../attached/command.ts";
import { GRACE } from "../attached/group.ts";
import { quoteWords } from "../../model/quoting.ts";
import { readSshExit } from "./exits.ts";
import { hostsFor } from "./hosts.ts";
import { markOf, standingsByMark } from "./marks.ts";
import { beginLine, endLine, lookLine, MARK, marksLine, SSH_FAILED, STOP } from "./remote.ts";
import { hostsOf, type SshRule } from "./rule.ts";
import { stopper } from "./stopper.ts";

/** The words of `ssh` before the host. What the rule says comes first: there the first word counts. */
function sshWords({ args = [] }: SshRule): readonly [string, ...string[]] {
  return [
    "ssh",
    ...args,
    "-T",
    "-x",
    ...["-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10"],
    ...["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"],
    // A connection that others share would last as long as all of them.
    ...["-o", "ControlMaster=no"],
    "--",
  ];
}

/** Makes a launcher that runs jobs on other hosts. */
export function sshLauncher(rule: SshRule, listener: LauncherListener, place: LauncherPlace): Launcher {
  const words = sshWords(rule);
  const hosts = hostsFor(hostsOf(rule), place.after);
  /** Where jobs are. */
  const places = new Map<string, string>();
  const run = (host: string, line: string) => ask([...words, host, line], place.after).answer;
  const stop = stopper(async (host, marks) => (await run(host, endLine(marks))).code === 0);

  /** Ends what runs of a job over there; gives what could not be ended. */
  const end = async (job: Job): Promise<string | undefined> => {
    fs.writeFileSync(`${job.folder}/${STOP}`, "");
    const mark = markOf(job);
    if (mark === undefined || await stop(mark.host, `${job.folder}/${MARK}`)) return undefined;
    return `process group ${mark.pid} on host ${mark.host}`;
  };

  const leave = (name: string): void => {
    const host = places.get(name);
    if (host !== undefined) hosts.giveBack(host);
    places.delete(name);
  };

  return attachedLauncher(
    {
      start: (job) => {
        const host = hosts.take();
        places.set(job.name, host);
        const mark = `${job.folder}/${MARK}`;
        const line = beginLine({ mark, cwd: rule.cd ?? job.cwd, host }, job.command);
        return { command: [...words, host, line], where: `host ${host}` };
      },
      read: (job, exit, log) => {
        const host = places.get(job.name) ?? "";
        const reading = readSshExit({ job, host, exit, log, began: markOf(job) !== undefined });
        if (reading?.unreachable === true && hosts.failed(host)) {
          listener.warned(`host ${host} cannot be reached; jobs go to other hosts for a while`);
        }
        leave(job.name);
        return Promise.resolve(reading);
      },
      ask: async (job) => {
        // A host that does not answer is not waited for.
        let callOff = (): void => {};
        const late = new Promise<void>((resolve) => callOff = place.after(GRACE, resolve));
        await Promise.race([end(job), late]);
        callOff();
      },
      clear: async (job, by, exit) => {
        if (by === "us") leave(job.name);
        // The other side clears up after itself, unless nobody can tell whether it did.
        return by === "itself" && exit?.code !== SSH_FAILED ? undefined : await end(job);
      },
      standing: (jobs) => standingsByMark(jobs, (host, marks) => run(host, marksLine(marks))),
      close: () => {
        hosts.close();
        return Promise.resolve([]);
      },
      strays: false,
    },
    listener,
    place,
  );
}

/** Whether hosts can be reached without a question, and see the working folder. */
export async function checkSsh(rule: SshRule, place: Pick<LauncherPlace, "cwd">): Promise<LauncherCheck> {
  const folder = rule.cd ?? place.cwd;
  const missing = commandProblem("ssh", place.cwd);
  if (missing !== undefined) return { problem: missing, identity: "" };
  const words = sshWords(rule);
  const found = await Promise.all(
    hostsOf(rule).map(async (host) => {
      const { code, stderr } = await ask([...words, host, lookLine(folder)]).answer;
      if (code === 0) return { host, problem: undefined, reached: true };
      const said = stderr.trim().split("\n").at(-1) ?? "";
      const byHand = quoteWords([...words, host, "true"]);
      return code !== undefined && code !== SSH_FAILED
        ? {
          host,
          reached: true,
          problem: `host ${host} does not see ${folder}${said === "" ? "" : ` (${said})`}`,
        }
        : { host, reached: false, problem: `host ${host} cannot be reached: ${said} (try: ${byHand})` };
    }),
  );
  const blind = found.filter(({ reached, problem }) => reached && problem !== undefined);
  const silent = found.filter(({ reached }) => !reached);
  // A host that is down today is no reason not to use the others.
  const wrong = [...blind, ...(silent.length === found.length ? silent : [])];
  const hint = blind.length === 0
    ? ""
    : `; jobs need the folder on both sides under the same path, which is ${folder} on host ${os.hostname()}, or \`cd\``;
  return {
    problem: wrong.length === 0 ? undefined : `${wrong.map(({ problem }) => problem).join("; ")}${hint}`,
    identity: "",
  };
}

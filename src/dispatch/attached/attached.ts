/** The launcher of jobs that are a child process of this program for as long as they run, whatever the way. */
import type { Job, JobEnd, Launcher, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { adopted } from "./adopted.ts";
import { byHand, cancelled, neverBegan, notStarted, readEnd } from "./ends.ts";
import { GRACE, type Group, startGroup } from "./group.ts";
import { processId } from "./processes.ts";
import { standings } from "./standing.ts";
import { slowly } from "./slowly.ts";
import { sweeper } from "./sweep.ts";
import type { Start, Way } from "./way.ts";

/** How long `close` waits for jobs that it has ended, milliseconds: they may hang in a file system that is gone. */
export const LONGEST_CLOSE: number = GRACE + 60_000;

/** How long it does so without a word, milliseconds: whoever is asked to end has so long before it is killed, and more. */
const QUIET_CLOSE: number = GRACE + 1_000;

/** How long jobs that were asked to end are waited for without a word, milliseconds. */
export const QUIET = 2_000;

/** A job that is not over yet. */
interface Running {
  readonly job: Job;
  /** By what it is known outside. */
  id: string;
  /** Ends what runs of it. */
  stop: () => Promise<void>;
  /** It is a child of ours. */
  began: boolean;
  /** It is being ended by us. */
  stopping: Promise<void> | undefined;
  /** Resolves when it is over and told. */
  over: Promise<void>;
}

/** Makes a launcher of one way of dispatch. */
export function attachedLauncher(way: Way, listener: LauncherListener, place: LauncherPlace): Launcher {
  const running = new Map<string, Running>();
  /** How jobs were started: what they tell may be read when they have ended. */
  const commands = new WeakMap<Job, string>();
  let closing: Promise<readonly string[]> | undefined;
  const left: string[] = [];
  const sweep = sweeper(place.after);
  const stopping = slowly(place.after, QUIET, (names) =>
    listener.warned(
      `waiting for the end of ${names}: what has not ended ${
        GRACE / 1_000
      } s after it was asked to is killed`,
    ));

  const begin = (job: Job, follow: (one: Running) => Promise<JobEnd>): void => {
    if (closing !== undefined) throw new Error(`Internal error: ${job.name} is launched after the end`);
    const one: Running = {
      job,
      id: job.name,
      stop: () => Promise.resolve(),
      began: false,
      stopping: undefined,
      over: Promise.resolve(),
    };
    running.set(job.name, one);
    one.over = follow(one).then((end) => {
      running.delete(job.name);
      stopping.delete(job.name);
      if (closing === undefined) listener.ended(job, end);
    });
  };

  /** Starts a child and follows it to its end, and to the end of whatever it left. */
  const follow = async (one: Running): Promise<JobEnd> => {
    const { job } = one;
    let start: Start;
    try {
      start = way.start(job);
    } catch (error) {
      return neverBegan((error as Error).message, undefined);
    }
    const command = byHand(job, start.command);
    commands.set(job, command);
    listener.submitting([job]);
    let group: Group;
    try {
      const [out, err] = [`${job.folder}/out.txt`, `${job.folder}/err.txt`];
      const mark = way.strays ? job.name : undefined;
      group = startGroup({ ...start, cwd: job.cwd, mark, out, err, after: place.after });
    } catch (error) {
      return neverBegan(notStarted(start.command[0], job.cwd, error as Error), command);
    }
    const { pid, ended, kill } = group;
    one.stop = group.stop;
    one.began = true;
    if (pid !== undefined) {
      one.id = processId(pid);
      listener.submitted(job, one.id);
    }
    const end = await ended;
    if (end.kind === "failed") {
      return neverBegan(notStarted(start.command[0], job.cwd, end.error), command);
    }
    const byUs = one.stopping !== undefined;
    // From now on its number may be given to another process.
    one.stop = () => Promise.resolve();
    if (byUs) await one.stopping;
    else kill();
    const { exit } = end;
    const rest = await way.clear(job, byUs ? "us" : exit.signal === undefined ? "itself" : "signal", exit);
    if (rest !== undefined) {
      left.push(rest);
      listener.warned(`${job.name} could not be ended everywhere: ${rest} may be left`);
    }
    if (way.strays) {
      if (byUs) await sweep.now(job.name);
      else sweep.later(job.name);
    }
    return byUs ? cancelled(job, command) : await readEnd(way, job, start, exit, command);
  };

  const stop = (one: Running): void => {
    one.stopping ??= (async () => {
      const { name, fields: { call, task } } = one.job;
      if (one.began) stopping.add(name, call ?? task);
      await way.ask?.(one.job);
      await one.stop();
    })();
  };

  return {
    sentBy: (job) => commands.get(job),
    launch: (job) => begin(job, follow),
    adopt: (job, id) =>
      begin(job, async (one) => {
        if (id !== undefined) one.id = id;
        return await adopted({ way, job, id, place, warned: listener.warned });
      }),
    standing: (jobs) => standings(way, jobs),
    settled: () => {},
    cancel: (jobs, hard) => {
      if (!hard) return; // Whoever runs the attempts asks them; a child that is signalled could not answer any more.
      for (const { name } of jobs) {
        const one = running.get(name);
        if (one !== undefined) stop(one);
      }
    },
    close: () =>
      closing ??= (async () => {
        const last = [...running.values()];
        last.forEach(stop);
        const quiet = place.after(QUIET_CLOSE, () => {
          const ids = [...running.values()].map(({ id }) => id);
          listener.warned(
            `waiting up to ${LONGEST_CLOSE / 1_000} s for the end of ${ids.slice(0, 10).join(", ")}`,
          );
        });
        await within(LONGEST_CLOSE, Promise.all(last.map(({ over }) => over)), place.after);
        quiet();
        sweep.close();
        const ids = [...running.values()].map(({ id }) => id);
        return [...ids, ...left, ...await way.close()];
      })(),
  };
}

/** Waits for something, not for ever. */
async function within(
  millis: number,
  promise: Promise<unknown>,
  after: LauncherPlace["after"],
): Promise<void> {
  let callOff = (): void => {};
  const bound = new Promise<void>((resolve) => callOff = after(millis, resolve));
  await Promise.race([promise, bound]);
  callOff();
}

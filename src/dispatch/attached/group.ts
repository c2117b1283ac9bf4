/** A child process with everything it starts: one process group that is ended as a whole. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import type { LauncherPlace } from "../../model/job.ts";
import type { Exit } from "./exits.ts";
import { untranslated } from "./words.ts";
import { groupLives, JOB_VARIABLE, signalGroup } from "./processes.ts";

/** How long a group has for its end before it is killed, milliseconds. */
export const GRACE = 5000;
/** How often it is looked whether a group is gone, milliseconds. */
const LOOK = 20;
/** How often it is looked for what was killed: a process that hangs in a dead file system is not there for good. */
const LOOKS = 250;

/** How a group came to its end: its first process was never started, or is gone. */
export type GroupEnd = { readonly kind: "failed"; readonly error: SpawnError } | {
  readonly kind: "exited";
  readonly exit: Exit;
};

/** Why a command could not be started. */
export interface SpawnError {
  /** The system's word for it: `ENOENT`. */
  readonly code: string;
  readonly message: string;
}

/** A child process and all that it starts. */
export interface Group {
  /** The number of its first process, which is that of the group; `undefined` when it did not start. */
  readonly pid: number | undefined;
  /** Resolves when its first process is gone. */
  readonly ended: Promise<GroupEnd>;
  /** Asks it to end, and makes it end when it does not; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
  /** Ends at once what is left of it. */
  kill(): void;
}

/** How a group is started. */
export interface GroupOptions {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The name that all its processes carry in their environment. */
  readonly mark: string | undefined;
  /** Files that its output is added to. */
  readonly out: string;
  readonly err: string;
  readonly after: LauncherPlace["after"];
}

/**
 * Starts a command as a process group of its own. Its output goes to files without a detour.
 *
 * @throws {Error} when the files cannot be opened.
 */
export function startGroup({ command, cwd, mark, out, err, after }: GroupOptions): Group {
  const files: number[] = [];
  try {
    for (const file of [out, err]) files.push(fs.openSync(file, "a"));
    const child = spawn(command[0], untranslated(command.slice(1)), {
      cwd,
      detached: true,
      stdio: ["ignore", files[0]!, files[1]!],
      env: mark === undefined ? process.env : { ...process.env, [JOB_VARIABLE]: mark },
    });
    const ended = new Promise<GroupEnd>((resolve) => {
      child.once("error", (error: Error & { readonly code?: string }) => {
        resolve({ kind: "failed", error: { code: error.code ?? "", message: error.message } });
      });
      child.once("exit", (code, signal) => {
        resolve({ kind: "exited", exit: { code: code ?? undefined, signal: signal ?? undefined } });
      });
    });
    const { pid } = child;
    const kill = (): void => {
      if (pid !== undefined) signalGroup(pid, "SIGKILL");
    };
    const stop = async (): Promise<void> => {
      if (pid !== undefined) await endGroup(pid, after);
      await ended;
    };
    return { pid, ended, stop, kill };
  } finally {
    for (const file of files) fs.closeSync(file);
  }
}

/**
 * Asks a process group to end, and kills it when it does not: also those of its processes that last longer than the first one.
 * Resolves when it is gone; to whether it had to be killed.
 */
export async function endGroup(pid: number, after: LauncherPlace["after"]): Promise<boolean> {
  signalGroup(pid, "SIGTERM");
  let late = false;
  const callOff = after(GRACE, () => {
    late = true;
    signalGroup(pid, "SIGKILL");
  });
  while (!late && groupLives(pid)) await new Promise<void>((look) => after(LOOK, look));
  callOff();
  await untilGone(() => !groupLives(pid), after);
  return late;
}

/** Waits until nothing is left of what was killed, which takes a busy system its time. */
export async function untilGone(isGone: () => boolean, after: LauncherPlace["after"]): Promise<void> {
  for (let look = 0; look < LOOKS && !isGone(); look++) {
    await new Promise<void>((next) => after(LOOK, next));
  }
}

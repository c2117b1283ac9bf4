/** A member that is a child process: it survives what a thread cannot, and can always be ended. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import type { FromHost, ToHost } from "../protocol.ts";
import type { Clock, LostReason, Member, MemberListener } from "../member.ts";
import { saysHeapFull } from "../../model/last_words.ts";
import { lastWordsIn } from "../last_line.ts";
import { drained } from "./drained.ts";
import { DOWN, frame, unframer, UP } from "./frames.ts";

/** The argument by which `cli.ts` knows that it is to be a host. */
export const HOST_ARGUMENT = "__host";

/** How a child process is started. */
export interface ChildManner {
  /** What follows the command; otherwise what makes `cli.ts` a host. */
  readonly args?: readonly string[];
  /** All of its environment; otherwise that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** It is ended with this process by a guard beside it: it cannot watch for that itself. */
  readonly guarded?: boolean;
  /** The most bytes that one of its messages may have. */
  readonly most?: number;
  /** Calls back after some milliseconds, unless it is called off: moved by hand in tests. */
  readonly after?: Clock["after"];
}

/** Ends its process group as soon as the fifth descriptor is closed: when whoever holds the other end is gone. */
const GUARD = '(read -r end <&5; kill -9 0) 3>&- 4<&- & exec 5<&-; exec "$@"';

/**
 * Starts a child process with a host inside. Its standard streams are files, so that whatever it or its own children print is
 * there, in order, whole, when the attempt ends or the process dies.
 */
export function childProcess(
  command: readonly [string, ...string[]],
  logs: string,
  listener: MemberListener,
  name: string,
  manner: ChildManner = {},
): Member {
  fs.mkdirSync(logs, { recursive: true });
  const output = { stdout: `${logs}/${name}.stdout.txt`, stderr: `${logs}/${name}.stderr.txt` };
  const [stdout, stderr] = [fs.openSync(output.stdout, "a"), fs.openSync(output.stderr, "a")];
  const { args = [HOST_ARGUMENT], env, most } = manner;
  const whole = [...command, ...args];
  const guarded = manner.guarded === true && process.platform !== "win32";
  if (guarded) whole.unshift("/bin/sh", "-c", GUARD, "runner");
  const child = spawn(whole[0]!, whole.slice(1), {
    stdio: ["ignore", stdout, stderr, "pipe", "pipe", ...(guarded ? ["pipe" as const] : [])],
    detached: true,
    ...(env !== undefined && { env }),
  });
  fs.closeSync(stdout);
  fs.closeSync(stderr);
  let gone = false;
  let markGone = (): void => {};
  const ended = new Promise<void>((resolve) => markGone = resolve);
  const leave = (why: string, reason?: LostReason): void => {
    if (gone) return;
    gone = true;
    listener.gone(why, reason);
  };
  /** Ends the whole group: whatever the task started goes with it, also when the host itself is gone already. */
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nobody is left.
    }
  };
  const done = (): void => {
    // What a crashed attempt printed is kept for the report.
    for (const file of Object.values(output)) {
      if (fs.existsSync(file) && fs.statSync(file).size === 0) fs.rmSync(file);
    }
    markGone();
  };
  child.once("error", (error) => {
    leave(`the process did not start: ${error.message}`);
    done();
  });
  child.once("exit", async (code, signal) => {
    killGroup();
    await drained(pipe, manner.after);
    const said = lastWordsIn(output.stderr);
    const end = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    const full = saysHeapFull(said) && (signal !== null || code! > 128);
    leave(
      `the process ${end}${full ? ", its heap was full" : ""}${said === undefined ? "" : `: ${said}`}`,
      full ? "oom" : "crash",
    );
    done();
  });
  // There are no pipes when the program could not be started.
  const pipe = child.stdio[UP] as Readable | undefined;
  const down = child.stdio[DOWN] as unknown as Writable | undefined;
  down?.on("error", () => {});
  let telling = false;
  const receive = unframer((message) => {
    telling = true;
    listener.message(message as FromHost);
    telling = false;
  }, most);
  pipe?.on("data", (chunk: Uint8Array) => {
    try {
      if (!gone) receive(chunk);
    } catch (error) {
      // What comes of a message is not the fault of whoever sent it.
      if (telling) throw error;
      leave(`the process said what is no message: ${(error as Error).message}`);
      killGroup();
    }
  });
  pipe?.on("error", () => {});
  return {
    shared: false,
    output,
    send: (message: ToHost) => {
      if (!gone) down?.write(frame(message.kind === "open" ? { ...message, output } : message));
    },
    kill: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        killGroup();
        child.kill("SIGKILL");
      }
      await ended;
      return true;
    },
  };
}

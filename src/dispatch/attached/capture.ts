/** Asks a command for something: short questions to a daemon or to another host, whose answer is held in memory. */
import { spawn } from "node:child_process";
import type { LauncherPlace } from "../../model/job.ts";
import { untranslated } from "./words.ts";
import { signalGroup } from "./processes.ts";

/** What a command answered. */
export interface Answer {
  /** Its exit code; `undefined` when it could not be started, was killed, or took too long. */
  readonly code: number | undefined;
  readonly stdout: string;
  /** What it said about itself; what went wrong when it could not be started. */
  readonly stderr: string;
  /** The system's word for why it could not be started: `ENOENT`. */
  readonly failed: string | undefined;
}

/** A question that is being asked. */
export interface Question {
  /** Resolves in any case. */
  readonly answer: Promise<Answer>;
  /** Does not wait any longer. */
  stop(): void;
}

/** How long a command may take to answer, milliseconds. */
export const PATIENCE = 60_000;
/** Characters that are kept of each output. */
const MOST = 4_000_000;

/**
 * Starts a command that answers something.
 *
 * @param after when it is given, the command is ended after `PATIENCE`.
 */
export function ask(
  command: readonly [string, ...string[]],
  after?: LauncherPlace["after"],
  input = "",
): Question {
  const texts = { stdout: "", stderr: "" };
  let stop = (): void => {};
  const answer = new Promise<Answer>((resolve) => {
    const child = spawn(command[0], untranslated(command.slice(1)), {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const callOff = after?.(PATIENCE, () => {
      texts.stderr += `\nit did not answer within ${PATIENCE / 1000} s`;
      stop();
    });
    stop = () => {
      if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
    };
    const end = (code: number | undefined, failed: string | undefined): void => {
      callOff?.();
      resolve({ code, ...texts, failed });
    };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        if (texts[name].length < MOST) texts[name] += text;
      });
    }
    child.stdin?.on("error", () => {}); // It need not read what it is given.
    child.stdin?.end(input);
    child.once("error", (error: Error & { readonly code?: string }) => {
      texts.stderr += error.message;
      end(undefined, error.code ?? "unknown");
    });
    child.once("close", (code) => end(code ?? undefined, undefined));
  });
  return { answer, stop: () => stop() };
}

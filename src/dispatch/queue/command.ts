/** Commands of queues: started without a shell, with an end to what they may print and how long they may take. */
import { spawn } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { quoteWords } from "../../model/quoting.ts";
import { QueueError } from "./queue.ts";

/** The most that is kept of what a command prints, in bytes: the states of a hundred thousand jobs. */
const MOST_OUTPUT = 64 * 1024 * 1024;
/** How long a command may take, in milliseconds. */
const LONGEST = 120_000;

/** How a command ended. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What schedulers say when it is not their last word. */
const TRANSIENT =
  /socket timed out|unable to contact|temporarily unavailable|connection (refused|reset|timed out)|communication|try again|timed? ?out|cannot connect|not responding|slurm_receive_msg|zero bytes|LSF is down|batch daemon/i;

/** What they say to a user who has as many jobs as he may. */
const FULL =
  /max\w*submit\w*|job submit limit|too many (?:jobs|pending)|pending job threshold|job slot limit/i;

/**
 * Runs a command to its end.
 *
 * @throws {QueueError} when it cannot be started, or takes too long.
 */
export function runCommand(
  [command, ...args]: readonly [string, ...string[]],
  place: { readonly cwd: string; readonly after: (millis: number, callback: () => void) => () => void },
  input = "",
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: place.cwd, stdio: ["pipe", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    const callOff = place.after(LONGEST, () => child.kill("SIGKILL"));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < MOST_OUTPUT) stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < 65_536) stderr += text;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.once("error", (error: NodeJS.ErrnoException) => {
      callOff();
      reject(
        new QueueError(
          error.code === "ENOENT"
            ? `there is no command "${command}" on host ${os.hostname()} (PATH is ${
              process.env["PATH"] ?? "empty"
            })`
            : `"${command}" does not start: ${error.message}`,
          false,
        ),
      );
    });
    child.once("close", (code, signal) => {
      callOff();
      if (signal !== null) {
        reject(new QueueError(`"${command}" was ended by ${signal} after two minutes`, true));
      } else resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** The same, where any other exit code than 0 is an error that says what the command said. */
export async function mustRun(
  command: readonly [string, ...string[]],
  place: Parameters<typeof runCommand>[1],
  input = "",
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, place, input);
  if (code === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split("\n").slice(0, 5).join("; ");
  throw new QueueError(
    `${quoteWords(command.slice(0, 1))} ended with exit code ${code} on host ${os.hostname()}: ${said}`,
    TRANSIENT.test(said),
    FULL.test(said),
  );
}

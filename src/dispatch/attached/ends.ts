/** Ends of jobs, as they are told: what happened, where, and how to see it again by hand. */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import type { Job, JobEnd } from "../../model/job.ts";
import { quoteWords } from "../../model/quoting.ts";
import { type Exit, readExit } from "./exits.ts";
import { lastWords } from "../../model/last_words.ts";
import type { Start, Way } from "./way.ts";

/** Bytes of a log that are looked at. */
const TAIL = 16_384;

/** The command line of a child, for a shell. */
export function byHand(job: Job, command: readonly string[]): string {
  return `cd ${quoteWords([job.cwd])} && ${quoteWords(command)}`;
}

/** The end of a job of which nothing was run. */
export function neverBegan(text: string, command: string | undefined): JobEnd {
  return { reason: "infra", exit: undefined, text, command, neverBegan: true };
}

/** The end of a job that was ended by us. */
export function cancelled(job: Job, command: string | undefined): JobEnd {
  return { reason: undefined, exit: undefined, text: `${job.name} was ended by this run`, command };
}

/** Why a command could not be started, and what to look at. */
export function notStarted(
  command: string,
  cwd: string,
  error: { readonly code?: string; readonly message: string },
): string {
  const host = `on host ${os.hostname()}`;
  const name = JSON.stringify(command);
  switch (error.code) {
    case "ENOENT":
      if (!fs.existsSync(cwd)) return `there is no folder ${cwd} to start ${name} in ${host}`;
      return command.includes("/")
        ? `there is no command ${name} ${host}, or none of the interpreter that its first line names`
        : `there is no command ${name} ${host} (PATH ${process.env["PATH"] ?? "is not set"})`;
    case "EACCES":
      return `${name} ${host} may not be run: it is no program, or its permissions forbid it`;
    case "E2BIG":
      return `the command line of ${name} is longer than the system ${host} takes`;
    case "EMFILE":
    case "ENFILE":
    case "EAGAIN":
      return `${name} could not be started ${host}, which is out of files or processes (${error.code}; see \`ulimit -a\`)`;
    default:
      return `${name} could not be started ${host}: ${error.message}`;
  }
}

/** The end of a log file, whatever its size. */
export function tailOf(file: string): string {
  let opened: number | undefined;
  try {
    opened = fs.openSync(file, "r");
    const { size } = fs.fstatSync(opened);
    const bytes = new Uint8Array(Math.min(size, TAIL));
    const read = fs.readSync(opened, bytes, 0, bytes.length, size - bytes.length);
    return new TextDecoder().decode(bytes.subarray(0, read));
  } catch {
    return "";
  } finally {
    if (opened !== undefined) fs.closeSync(opened);
  }
}

/** Reads the end of a child that came to it without us. */
export async function readEnd(
  way: Way,
  job: Job,
  start: Start,
  exit: Exit,
  command: string,
): Promise<JobEnd> {
  const log = tailOf(`${job.folder}/err.txt`);
  const said = lastWords(log);
  const particular = await way.read(job, exit, log);
  const { reason, text, neverBegan } = particular ?? readExit(exit, said);
  return {
    reason,
    exit: exit.code,
    text: particular !== undefined
      ? text
      : `${JSON.stringify(start.command[0])} ${text} on ${start.where}${
        said === undefined || exit.code === 0 ? "" : `: ${said}`
      }`,
    command,
    ...(neverBegan !== undefined && { neverBegan }),
  };
}

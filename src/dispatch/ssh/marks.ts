/** The marks by which jobs on other hosts are known: which process each is, and whether it is there. */
import fs from "node:fs";
import path from "node:path";
import type { Job, JobStanding } from "../../model/job.ts";
import { MARK } from "./remote.ts";

/** By which process a job runs, and on which host, if it began. */
export function markOf({ folder }: Job): { readonly pid: string; readonly host: string } | undefined {
  try {
    // Other hosts' files are told of by the folder before they can be asked for by name.
    if (!fs.readdirSync(folder).includes(MARK)) return undefined;
    const [pid = "", , , ...host] = fs.readFileSync(path.join(folder, MARK), "utf8").trim().split(" ");
    return { pid, host: host.join(" ") };
  } catch {
    return undefined;
  }
}

/** Asks a host about marks. */
type AskHost = (
  host: string,
  marks: readonly string[],
) => Promise<{ readonly code: number | undefined; readonly stdout: string }>;

/** What is known of jobs where they run, the jobs of a host by one question; `undefined` of those that have left no mark. */
export async function standingsByMark(
  jobs: readonly Job[],
  ask: AskHost,
): Promise<(JobStanding | undefined)[]> {
  const hosts = new Map<string, string[]>();
  const places = jobs.map((job) => {
    const host = markOf(job)?.host;
    const mark = `${job.folder}/${MARK}`;
    if (host !== undefined) hosts.set(host, [...hosts.get(host) ?? [], mark]);
    return { host, mark };
  });
  const answers = new Map(
    await Promise.all([...hosts].map(async ([host, marks]) => [host, await ask(host, marks)] as const)),
  );
  return places.map(({ host, mark }) => {
    if (host === undefined) return undefined;
    const { code, stdout } = answers.get(host)!;
    const lines = stdout.split("\n");
    if (lines.includes(`on ${mark}`)) return "on";
    return code !== 0 || lines.includes(`away ${mark}`) ? "silent" : "over";
  });
}

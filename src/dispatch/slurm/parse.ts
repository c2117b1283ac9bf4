/** What Slurm's commands print. Pure. */
import type { JobState } from "../queue/queue.ts";

/** The columns asked of `squeue`, parted by `|`; each is as wide as it may be, since what does not fit is cut off. */
export const SQUEUE_COLUMNS =
  "JobArrayID:60|,State:30|,exit_code:20|,NodeList:300|,Reason:300|,RestartCnt:10|";

/** Why a job may wait for ever, by Slurm's word for it. */
const STUCK =
  /PartitionConfig|PartitionNodeLimit|PartitionTimeLimit|InvalidAccount|InvalidQOS|AssocGrp|BadConstraints|PartitionInactive|PartitionDown|JobHeldAdmin|JobHeldUser|requeued (in )?held/;

/** The states of jobs, by id, as `squeue --array` prints them. */
export function parseSqueue(text: string): Map<string, JobState> {
  const states = new Map<string, JobState>();
  for (const line of text.split("\n")) {
    const [id, word, exit, node, why, restarts] = line.split("|").map((cell) => cell.trim());
    if (id === undefined || word === undefined || !/^\d+(_\d+)?$/.test(id)) continue;
    const state = stateOf(word, statusOf(exit), why ?? "", node ?? "");
    states.set(
      id,
      state.kind === "running" ? state : {
        ...state,
        ...(word === "CANCELLED" && { vague: true }),
        ...(/^\d+$/.test(restarts ?? "") && { restarts: Number(restarts) }),
      },
    );
  }
  return states;
}

/** The states of jobs, as `sacct --parsable2 --allocations` prints them: id, state, exit code, node. */
export function parseSacct(text: string): Map<string, JobState> {
  const states = new Map<string, JobState>();
  for (const line of text.split("\n")) {
    const [id, word, code, node] = line.split("|");
    if (id === undefined || word === undefined || !/^\d+(_\d+)?$/.test(id)) continue;
    states.set(id, stateOf(word, exitOf(code), word, node ?? ""));
  }
  return states;
}

/** The exit code in what `squeue` prints: the status as the kernel gives it, or a code and a signal. */
function statusOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return exitOf(text);
  const status = Number(text);
  return (status & 0x7f) > 0 ? 128 + (status & 0x7f) : status >> 8;
}

/** The exit code in `3:0`, which is a code and a signal. */
export function exitOf(code: string | undefined): number | undefined {
  const [, exit, signal] = /^(\d+):(\d+)$/.exec(code ?? "") ?? [];
  if (exit === undefined) return undefined;
  return Number(signal) > 0 ? 128 + Number(signal) : Number(exit);
}

/** Who has cancelled a job, as far as Slurm tells. */
function cancelledBy(uid: string | undefined): string {
  const who = uid === undefined ? "by hand" : uid === "0" ? "by an administrator (uid 0)" : `by uid ${uid}`;
  return `it was cancelled on the cluster ${who}`;
}

/** What a word of Slurm means for a job. */
export function stateOf(word: string, exit: number | undefined, why: string, node: string): JobState {
  const [state] = word.split(" ") as [string];
  const there = node !== "" && node !== "(null)";
  const ended = (
    reason: Extract<JobState, { kind: "ended" }>["reason"],
    says: string,
    badHost?: string,
  ): JobState => ({
    kind: "ended",
    reason,
    exit,
    says: there ? `${says} on node ${node}` : says,
    ...(there && { host: node }),
    ...(badHost !== undefined && badHost !== "" && { badHost }),
  });
  switch (state) {
    case "COMPLETED":
      return { kind: "ended", reason: undefined, exit: exit ?? 0, says: "it has completed" };
    case "FAILED":
      return ended(undefined, `it failed${exit === undefined ? "" : ` with exit code ${exit}`}`);
    case "OUT_OF_MEMORY":
      return ended("oom", "it ran out of memory");
    case "TIMEOUT":
    case "DEADLINE":
      return ended("timeout", "its time was up");
    case "PREEMPTED":
      return ended("preempted", "it was preempted");
    case "NODE_FAIL":
    case "BOOT_FAIL":
      return ended("infra", "its node failed", node);
    case "CANCELLED":
      return ended("cancelled", cancelledBy(/by (\d+)/.exec(why)?.[1]));
    case "REVOKED":
      return ended("infra", "it was revoked");
    case "PENDING":
    case "SPECIAL_EXIT":
    case "REQUEUED":
    case "REQUEUE_HOLD":
    case "RESV_DEL_HOLD":
      return {
        kind: "waiting",
        ...(why !== "" && why !== "None" && { why }),
        ...(STUCK.test(why) && { stuck: true }),
      };
    default:
      return { kind: "running" };
  }
}

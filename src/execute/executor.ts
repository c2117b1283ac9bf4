/** The port between the engine and whatever runs attempts. */
import type { Ask, Reply } from "../model/ask.ts";
import type { JobFields } from "../model/job.ts";
import type { PermissionRule } from "../model/permissions.ts";
import type { Resources } from "../model/resources.ts";
import type { TimeoutRule } from "../model/timeout.ts";
import type { BatchMessage, EndedMessage, FailedItem, TaskInfo } from "./protocol.ts";

/** A batch as the engine hands it over; the executor knows which tasks its hosts have not seen. */
export interface Batch extends Omit<BatchMessage, "kind" | "newTasks" | "slot"> {
  /** By item: the node. */
  readonly nodes: readonly number[];
  /** The time limits of each item, in milliseconds; 0 is without limit. */
  readonly timeout: TimeoutRule;
  /** What is left now, in milliseconds, of the time for all attempts of its only item; 0 where that is without limit. */
  readonly timeLeft: number;
  /** What a job that runs it is to be told of, where it is sent elsewhere. */
  readonly job?: BatchJob;
  /** What its process may do, where it is held to something. */
  readonly sandbox?: BatchSandbox;
  /** What the heap of its process may hold, in megabytes, where the process is its own and somebody has said so. */
  readonly heap?: number;
}

/** What hosts are told of a batch; the rest is for whoever starts them. */
export function hostPart(batch: Batch): Omit<BatchMessage, "kind" | "newTasks" | "slot"> {
  const { nodes: _nodes, timeout: _timeout, timeLeft: _left, job: _job, sandbox: _sandbox, ...rest } = batch;
  const { heap: _heap, ...told } = rest;
  return told;
}

/** What the process of a batch may do. */
export interface BatchSandbox {
  readonly permissions: PermissionRule;
  /** It may read its declared inputs and write its declared outputs, and no other files. */
  readonly hermetic: boolean;
  /** What its heap may hold, in megabytes, if somebody has said so. */
  readonly heap?: number;
}

/** What is known of a batch that is sent elsewhere. */
export interface BatchJob {
  readonly fields: JobFields;
  readonly resources: Resources;
  /** The readable text of its first call. */
  readonly call: string;
}

/** What an executor tells the engine. */
export interface ExecutorListener {
  /** Attempts have ended. */
  ended(batch: Batch, message: EndedMessage): void;
  /** An attempt failed without its host's word: killed, out of time, or gone with its host. */
  failed(
    batch: Batch,
    item: number,
    failed: FailedItem,
    output: { readonly stdout?: string; readonly stderr?: string },
  ): void;
  /** An attempt was stopped because the run is cancelled. */
  cancelled(batch: Batch, item: number): void;
  /** Items that never began. */
  returned(nodes: readonly number[]): void;
  /** An attempt asks for something. */
  asked(batch: Batch, ask: Ask): void;
  /** Something a user should know. */
  warned(message: string, cacheFailed: boolean): void;
  /** Nothing can be run at all; `what` does not work. */
  broken(message: string, what?: string): void;
}

/** Runs attempts on lanes. */
export interface Executor {
  /** Starts a batch on its lane. */
  start(batch: Batch): void;
  /** Takes back up to `count` items that a lane has not begun; returns their nodes. */
  recall(lane: number, count: number): readonly number[];
  /** Answers what attempts of one batch have asked; `resumes`: one of them has all its answers, and goes on. */
  reply(batch: number, replies: readonly Reply[], resumes: boolean): void;
  /** Asks running attempts to stop, or makes them. */
  cancel(hard: boolean): void;
  /** Ends all hosts; resolves when they are gone or abandoned. */
  close(): Promise<void>;
  /** The files that the attempt of a node prints to, which may not be there yet; none where it has not begun, or nobody knows. */
  outputOf(node: number): readonly string[];
  /** Hosts that could not be stopped. */
  readonly abandoned: number;
}

/** Finds what a host must know of a task. */
export type TaskInfoOf = (index: number) => TaskInfo;

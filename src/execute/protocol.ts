/** Every message between the main thread and whatever runs tasks: a Web Worker, a child process, or the same thread. */
import type { FailureReason } from "../model/retry.ts";
import type { TimeoutKind } from "../model/timeout.ts";
import type { SourceFrame, TaskSources } from "../model/source.ts";
import type { OutputRule, SeenFile, Trigger } from "../model/files.ts";
import type { FileStamp } from "../model/storage.ts";
import type { Ask, Reply } from "../model/ask.ts";
import type { Trace } from "../model/trace.ts";

/** What a host must know before its first batch. */
export interface OpenMessage {
  readonly kind: "open";
  /** The number of this host, for names of files. */
  readonly host: number;
  /** Where output of attempts is written. */
  readonly logs: string;
  /** Where results that are too large for a message go when there is no cache on disk. */
  readonly spill: string;
  /** The writable cache's folder, if there is one. */
  readonly cache: string | undefined;
  /** The cache's folder, even if it may only be read. */
  readonly readable: string | undefined;
  /** Results up to this many bytes travel in messages. */
  readonly inlineBytes: number;
  /** Whether digests of results are wanted. */
  readonly digests: boolean;
  /** The run. */
  readonly run: string;
  /** What the run was told with `params`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The folder that relative paths of files are meant from. */
  readonly cwd: string;
  /** One claim word and one progress word for each batch slot of each lane; absent for child processes. */
  readonly control: SharedArrayBuffer | undefined;
  /** Held for life by a worker, so that its end is noticed. */
  readonly lock: string;
  /** Modules to load at once. */
  readonly modules: readonly string[];
  /** What the bare name `runner` means. */
  readonly library: string;
  /** Files that are the standard streams of this host's process, when it has one of its own. */
  readonly output?: { readonly stdout: string; readonly stderr: string };
  /** Files that hold whatever the one attempt of this host's process prints: there is nothing to catch. */
  readonly printed?: { readonly stdout: string; readonly stderr: string };
  /** Folders of attempts that fail are left where they are: the run keeps them. */
  readonly keepFailed?: true;
  /** What attempts print goes where it would go without us: somebody is looking. */
  readonly uncaught?: true;
  /** What a host has in the place of the cache when its process is held to permissions. */
  readonly held?: HeldHost;
}

/** What a host is given that can neither read the cache nor write to it: whoever started it stores what it makes. */
export interface HeldHost {
  /** The folder of its one attempt: not there before it is asked for. */
  readonly directory: string;
  /** The upstream results that the call had the last time: keys with digests. */
  readonly earlier: readonly (readonly [key: string, digest: string])[] | undefined;
}

/** The name that files with an attempt's output begin with. */
export function outputName(key: string, attempt: number): string {
  return `${key.slice(0, 16)}-${attempt}`;
}

/** A task that batches refer to by index. */
export interface TaskInfo {
  readonly index: number;
  readonly name: string;
  readonly frames: readonly SourceFrame[];
  /** Modules to try when none of the frames' modules defines it. */
  readonly modules: readonly string[];
  /** Whether results are stored in the cache. */
  readonly store: boolean;
  /** What entries say of the task's code. */
  readonly code: { readonly digest: string; readonly parts: Readonly<Record<string, string>> };
  /** The files that its validities rest on, if they rest on any: what was loaded from others must not be stored under them. */
  readonly sources?: TaskSources;
  /** What entries say of the environment. */
  readonly env: readonly string[];
}

/** An upstream result, in the message or in a file. */
export interface UpstreamValue {
  readonly task: string;
  readonly key: string;
  readonly digest: string;
  readonly bytes?: Uint8Array;
  readonly file?: string;
}

/** The references of one item, as indices of the batch's upstream values. */
export interface ItemLinks {
  readonly inputs: readonly number[];
  readonly deps: readonly number[];
}

/** What few items have. */
export interface ItemExtra {
  /** The names of upstream values, for `ctx.results`: indices of the batch's values. */
  readonly names?: readonly (readonly [name: string, value: number])[];
  /** Upstream values that are neither in the input nor in `deps`. */
  readonly more?: readonly number[];
  /** The input files as they were found. */
  readonly files?: readonly SeenFile[];
  /** Folders of them that are declared themselves, where a task is held to what it declares. */
  readonly folders?: readonly string[];
  /** What counts as a change of them. */
  readonly trigger?: Trigger;
  /** Files that patterns of inputs and of outputs both mean. */
  readonly shared?: readonly string[];
  /** The declared outputs. */
  readonly outputs?: readonly OutputRule[];
  /** Its result takes the place of the one that is stored: it was asked to be made anew. */
  readonly anew?: true;
  /** What the call gave the last time, where the cache is in the main thread's memory. */
  readonly latest?: { readonly bytes: Uint8Array; readonly follow: boolean };
}

/** Attempts that run one after another on a lane. Columns, because ten thousand small objects cost more. */
export interface BatchMessage {
  readonly kind: "batch";
  readonly id: number;
  readonly lane: number;
  /** Which words of shared memory tell of it. */
  readonly slot: number;
  /** Tasks that were not sent to this host before. */
  readonly newTasks: readonly TaskInfo[];
  /** By item: its task. */
  readonly tasks: readonly number[];
  /** By item: which try it is. */
  readonly attempts: readonly number[];
  /** By item: its key. */
  readonly keys: readonly string[];
  /** By item: its validity; empty when nothing is stored. */
  readonly validities: readonly string[];
  /** All inputs and all structures of deps, one after another. */
  readonly bytes: Uint8Array;
  /** Two by item: where its input ends, and where its deps end. */
  readonly ends: readonly number[];
  /** The upstream results that items refer to. */
  readonly values: readonly UpstreamValue[];
  /** By item: its references; empty when no item has any. */
  readonly links: readonly (ItemLinks | undefined)[];
  /** By item: what few items have; empty when none has any. */
  readonly extras: readonly (ItemExtra | undefined)[];
  /** Tell when an item begins: it has a time limit. */
  readonly announce: boolean;
}

/** Stop asking for, or stop, attempts. */
export interface CancelMessage {
  readonly kind: "cancel";
  /** The batch, or all of them. */
  readonly batch: number | "all";
  readonly reason: "cancelled" | "timeout";
  /** By a signal, perhaps, that went to whatever the attempts have started as well: to all of a group of processes. */
  readonly signalled?: boolean;
}

/** Answers to what attempts have asked. */
export interface ReplyMessage {
  readonly kind: "reply";
  readonly replies: readonly Reply[];
}

/** There is no work yet: what a thread needs for any is to be loaded. */
export interface WarmMessage {
  readonly kind: "warm";
}

/** What a host is told. */
export type ToHost = OpenMessage | BatchMessage | CancelMessage | ReplyMessage;

/** How an attempt failed. */
export interface FailedItem {
  readonly reason: FailureReason;
  /** The error, by the codec. */
  readonly error: Uint8Array;
  readonly errorName: string;
  readonly retriable: boolean;
  /** It counts against the task though its reason is none of its faults: another try may well end the same. */
  readonly counts?: true;
  /** The exit code, where there was one. */
  readonly exit?: number;
  /** Which of its task's time limits it had reached. */
  readonly timeout?: TimeoutKind;
  /** The task is not where it should be: a mistake in the pipeline. */
  readonly definition?: string;
  /** Sources that were not loaded as the run has read them, so that the attempt did not begin. */
  readonly changed?: readonly string[];
  /** Where it ran, when that was elsewhere, and how to run it there by hand. */
  readonly where?: string;
}

/** Whatever is not a plain small result. */
export interface SpecialItem {
  readonly failed?: FailedItem;
  /** Upstream values that could not be read, as indices of the batch's values. */
  readonly lost?: readonly number[];
  /** The result refers to calls; the bytes are an expression. */
  readonly follow?: true;
  /** The result lies in this file. */
  readonly file?: string;
  /** Files with what the attempt printed. */
  readonly output?: { readonly stdout?: string; readonly stderr?: string };
  readonly cancelled?: true;
  /** The task said that there was nothing to do, and why. */
  readonly skipped?: string;
  /** Input files that changed while the task ran: the result is right for nobody knows which of them, and was not stored. */
  readonly outdated?: readonly string[];
  /** Some of them belong to its code. */
  readonly late?: true;
  /** Files named as outputs that were there before and that it did not touch: nobody knows whether they are right. */
  readonly untouched?: readonly string[];
  /** It said that its result is the one of the last time. */
  readonly unchanged?: true;
  /** Files that the task has found out, when its result is not stored. */
  readonly found?: readonly string[];
  /** What the result was stored under, when that is not the validity the item came with. */
  readonly validity?: string;
  /** What was stored under the validity the item came with: how to find the result. */
  readonly trace?: { readonly digest: string; readonly stamp: FileStamp };
  /** The same, where nothing is stored on disk. */
  readonly traced?: Trace;
  /** It was made for an earlier run, with what that run knew: whether what it rests on is still so has to be looked at. */
  readonly takenOver?: true;
  /** What the stored bytes are, when they hold more than the value: see `stored_kind.ts`. */
  readonly kind?: number;
  /** What the outputs are, as far as an index holds it. */
  readonly signature?: string;
  /** What would have been stored, outputs and all, where nothing is stored on disk. */
  readonly stored?: Uint8Array;
  /** The outputs as they were found. */
  readonly seen?: readonly SeenFile[];
}

/** Attempts have ended. */
export interface EndedMessage {
  readonly kind: "ended";
  readonly batch: number;
  /** The items, by their index in the batch. */
  readonly items: readonly number[];
  /** By item: milliseconds. */
  readonly millis: readonly number[];
  /** By item: the digest of the result; empty when not wanted. */
  readonly digests: readonly string[];
  /** By item: the stamp of the published file, if one was published. */
  readonly stamps: readonly (FileStamp | undefined)[];
  /** The results in the message, one after another. */
  readonly bytes: Uint8Array;
  /** By item: where its result ends in `bytes`. */
  readonly ends: readonly number[];
  /** By item (position in `items`): what is special about it. */
  readonly special: readonly (readonly [number, SpecialItem])[];
  /** The host has begun all items: the batch's slot may be used again. Attempts that wait for calls may still be under way. */
  readonly last: boolean;
}
/** The host can take batches. */
export interface ReadyMessage {
  readonly kind: "ready";
}
/** An item of an announced batch begins. */
export interface BegunMessage {
  readonly kind: "begun";
  readonly batch: number;
}
/** A task asked the host to end; it ends now. */
export interface ExitingMessage {
  readonly kind: "exiting";
  readonly batch: number;
  readonly item: number;
  readonly code: number;
  readonly error: Uint8Array;
  readonly output: { readonly stdout?: string; readonly stderr?: string };
}
/** Attempts ask for something: calls to be run, an answer from whoever sits at the terminal. */
export interface AskMessage {
  readonly kind: "ask";
  readonly asks: readonly Ask[];
}
/** Something a user should know. */
export interface HostWarning {
  readonly kind: "warning";
  readonly message: string;
  /** The cache could not be written. */
  readonly cacheFailed?: true;
}
/** The host cannot work at all. */
export interface HostBroken {
  readonly kind: "broken";
  readonly message: string;
}

/** What a host tells. */
export type FromHost =
  | EndedMessage
  | AskMessage
  | ReadyMessage
  | BegunMessage
  | ExitingMessage
  | HostWarning
  | HostBroken;

/** The port between a run and the results of earlier ones. */
import type { StoredFile } from "../model/files.ts";
import type { FileStamp } from "../model/storage.ts";

/** A valid stored result. */
export interface Hit {
  readonly digest: string;
  /** What the bytes are: see `CALLS`, `OUTPUTS` and `TRACE`; 0 for a plain value. */
  readonly kind: number;
  /** What the outputs were, if they are all plain files: equal for equal files. Empty otherwise. */
  readonly signature: string;
  /** The codec's bytes, when they are at hand. */
  readonly bytes: Uint8Array | undefined;
  /** The file they can be read from. */
  readonly file: string | undefined;
}

/** A result that a host has published, or, where hosts cannot, one to be kept. */
export interface Fresh {
  readonly digest: string;
  readonly kind: number;
  readonly signature: string;
  readonly bytes: Uint8Array | undefined;
  readonly stamp: FileStamp | undefined;
}

/** What an entry says of what its result was computed from. */
export interface EarlierEntry {
  readonly key: string;
  readonly fields: Readonly<Record<string, string>> | undefined;
  readonly code: { readonly digest: string; readonly parts: Readonly<Record<string, string>> };
  readonly env: readonly string[];
  /** Marks of input files by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Which of these the task had found out itself. */
  readonly found: readonly string[];
  /** Digests of parameters by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly upstreams: readonly { readonly name: string; readonly key: string; readonly digest: string }[];
  /** Keys of calls that the task made, with the digests of their results. */
  readonly calls: readonly (readonly [key: string, digest: string])[];
}

/** A result that can be read. */
export interface Readable {
  readonly digest: string;
  readonly file: string | undefined;
  readonly bytes: Uint8Array | undefined;
}

/** Results of earlier runs. */
export interface Cache {
  /** The folder that hosts publish to; `undefined` when there is none, or when it may only be read. */
  readonly writable: string | undefined;
  /** The folder that hosts may look into, even if it may only be read; `undefined` when there is none. */
  readonly readable: string | undefined;
  /** Whether this cache keeps what `add` gives it: hosts then send all results in messages. */
  readonly keepsBytes: boolean;
  /** Whether looking up makes sense at all. */
  readonly reads: boolean;
  /** The entry of a call that is valid, or `undefined`. */
  lookup(task: string, key: string, validity: string): Hit | undefined;
  /** Notes a result. */
  add(task: string, key: string, validity: string, fresh: Fresh): void;
  /** The bytes of a hit as they were stored, or `undefined` when they are not there or not whole. */
  read(hit: Readable): Uint8Array | undefined;
  /** The bytes of its value: what comes before them in the stored bytes is left out. */
  readValue(hit: Readable): Uint8Array | undefined;
  /** What a call gave the last time, where hosts cannot look themselves. */
  latest(task: string, key: string): { readonly bytes: Uint8Array; readonly follow: boolean } | undefined;
  /** What the newest entries of a call were computed from, the newest first; each is read when it is asked for. */
  earlier(task: string, key: string): Iterable<EarlierEntry>;
  /** The same of the newest entry of each of a task's calls. */
  earlierOf(task: string): readonly EarlierEntry[];
  /** The outputs of all entries of a call, the newest first. */
  outputs(task: string, key: string): Iterable<readonly StoredFile[]>;
  /** Removes entries; returns how many. */
  clear(task: string, keys: readonly string[] | "all"): number;
  /** Removes the entries of a call that was to be made anew and has failed. */
  giveUp(task: string, key: string): void;
  /** Whether the entries of a call, of which there are none now, were given up. */
  isGivenUp(task: string, key: string): boolean;
  /** Removes one entry that was just stored, though others may be storing the same. */
  drop(task: string, key: string, validity: string): void;
  /** Writes down what can be written later. */
  close(): void;
  /** Takes the warnings that have come up since the last call. */
  warnings(): readonly string[];
}

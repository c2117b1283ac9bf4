/** The port between a run and the results of earlier ones. */
import type { FileStamp } from "../model/storage.ts";

/** A valid stored result. */
export interface Hit {
  readonly digest: string;
  /** The bytes are an expression of calls. */
  readonly expression: boolean;
  /** The codec's bytes, when they are at hand. */
  readonly bytes: Uint8Array | undefined;
  /** The file they can be read from. */
  readonly file: string | undefined;
}

/** A result that a host has published, or, where hosts cannot, one to be kept. */
export interface Fresh {
  readonly digest: string;
  readonly expression: boolean;
  readonly bytes: Uint8Array | undefined;
  readonly stamp: FileStamp | undefined;
}

/** Results of earlier runs. */
export interface Cache {
  /** The folder that hosts publish to; `undefined` when there is none, or when it may only be read. */
  readonly writable: string | undefined;
  /** Whether this cache keeps what `add` gives it: hosts then send all results in messages. */
  readonly keepsBytes: boolean;
  /** Whether looking up makes sense at all. */
  readonly reads: boolean;
  /** The entry of a call that is valid, or `undefined`. */
  lookup(task: string, key: string, validity: string): Hit | undefined;
  /** Notes a result. */
  add(task: string, key: string, validity: string, fresh: Fresh): void;
  /** The bytes of a hit, or `undefined` when they are not there or not whole. */
  read(
    hit: {
      readonly digest: string;
      readonly file: string | undefined;
      readonly bytes: Uint8Array | undefined;
    },
  ): Uint8Array | undefined;
  /** Removes entries; returns how many. */
  clear(task: string, keys: readonly string[] | "all"): number;
  /** Writes down what can be written later. */
  close(): void;
  /** Takes the warnings that have come up since the last call. */
  warnings(): readonly string[];
}

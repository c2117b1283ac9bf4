/**
 * What a task was found to depend on while it ran: files it noted with `ctx.dep`, parameters it read, calls it made. None of
 * that is known before, so such a result is stored in two steps: under the validity known beforehand lies what is to be looked
 * at, and what those things are now decides under which validity the result lies.
 */
import { decode } from "./codec/decode.ts";
import { encode } from "./codec/encode.ts";
import { digestOf, validityOf } from "./digest.ts";
import type { Trigger } from "./files.ts";
import type { Validity } from "./id.ts";

/** Calls that a task made and waited for, or only started: by what they are, or by names. */
export type TracedAsk =
  | { readonly expression: Uint8Array; readonly wait: boolean }
  | { readonly patterns: readonly string[]; readonly wait: boolean };

/** What is to be looked at. */
export interface Trace {
  /** The files, sorted. */
  readonly files: readonly string[];
  /** What counts as a change of them. */
  readonly trigger: Trigger;
  /** The parameters of the run, sorted; `*` stands for which there are. */
  readonly params: readonly string[];
  /** The calls, in the order they were made. */
  readonly asks: readonly TracedAsk[];
}

/** What those things are at some moment. */
export interface TraceFacts {
  /** By file: its mark, empty where there is none. */
  readonly files: readonly string[];
  /** By parameter: the digest of its value, empty where there is none. */
  readonly params: readonly string[];
  /** By call that was waited for: its key and the digest of its result. */
  readonly calls: readonly (readonly [key: string, digest: string])[];
}

/** More traces than this are not kept for one validity. */
const MOST_TRACES = 8;

/** The validity of a result, given the one known beforehand and what was found out. */
export function tracedValidity(base: string, trace: Trace, facts: TraceFacts): Validity {
  const { files, params, calls } = facts;
  return validityOf(
    `runner trace 1\0${base}\0${
      JSON.stringify([
        trace.trigger,
        trace.files.map((path, index) => [path, files[index]]),
        trace.params.map((name, index) => [name, params[index]]),
        calls,
      ])
    }`,
  );
}

/** The digest of a parameter's value; of all names, where the name is `*`. */
export function paramDigest(params: Readonly<Record<string, unknown>>, name: string): string {
  if (name === "*") return digestOf(JSON.stringify(Object.keys(params).sort()));
  return Object.hasOwn(params, name) ? digestOf(encode(params[name])) : "";
}

/** Traces as the bytes of an entry; the newest comes first, and one that is there already is not added. */
export function withTrace(trace: Trace, known: Uint8Array | undefined): Uint8Array {
  const mine = digestOf(encode(trace));
  const others = known === undefined ? [] : traces(known).filter((one) => digestOf(encode(one)) !== mine);
  return encode([trace, ...others].slice(0, MOST_TRACES));
}

/** The traces that an entry holds. */
export function traces(bytes: Uint8Array): readonly Trace[] {
  return decode(bytes) as readonly Trace[];
}

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
export type TracedCalls =
  | { readonly expression: Uint8Array; readonly wait: boolean }
  | { readonly patterns: readonly string[]; readonly wait: boolean };

/** The same, with what the task knew when it made them: they are made again only if that has not changed. */
export type TracedAsk = TracedCalls & {
  /** How many of the trace's files, parameters and calls it had found out by then. */
  readonly known: Readonly<Record<"files" | "params" | "asks", number>>;
  /** The digest of what these were. */
  readonly check: string;
};

/** What is to be looked at. */
export interface Trace {
  /** The files, in the order they were noted. */
  readonly files: readonly string[];
  /** What counts as a change of them. */
  readonly trigger: Trigger;
  /** The parameters of the run, in the order they were read; `*` stands for which there are. */
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
const MOST_TRACES = 16;

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

/** Stands for what some things of a trace were at a moment. */
export function checkOf({ files, params, calls }: TraceFacts): string {
  return digestOf(JSON.stringify([files, params, inOrder(calls)]));
}

/** Calls by their keys: the order of answers is nobody's doing. */
export function inOrder(calls: TraceFacts["calls"]): TraceFacts["calls"] {
  return [...calls].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
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

/** The traces that an entry holds; whatever is none is passed over. */
export function traces(bytes: Uint8Array): readonly Trace[] {
  const list = decode(bytes);
  return Array.isArray(list) ? list.filter(isTrace) : [];
}

function isTrace(value: unknown): value is Trace {
  const { files, params, asks } = Object(value) as Partial<Trace>;
  return [files, params, asks].every(Array.isArray);
}

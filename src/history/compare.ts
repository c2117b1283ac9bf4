/** What differs between two runs. Pure. */
import type { PastNode } from "./history.ts";

/** Less than this is no difference, in milliseconds. */
const LEAST = 50;
/** Less than this is no difference, as a share. */
const SHARE = 0.2;

/** A call of which something differs. */
export interface Pair<Value> {
  readonly call: string;
  readonly before: Value;
  readonly now: Value;
}

/** What differs between two runs, of the calls that ran. */
export interface Comparison {
  /** Calls that ran in the first only. */
  readonly onlyBefore: readonly string[];
  /** Calls that ran in the second only. */
  readonly onlyNow: readonly string[];
  /** Milliseconds of calls that took longer, most first. */
  readonly slower: readonly Pair<number>[];
  /** Milliseconds of calls that took less, most first. */
  readonly faster: readonly Pair<number>[];
  /** Keys of calls whose input is another. */
  readonly keys: readonly Pair<string>[];
  /** How calls ended that ended differently. */
  readonly states: readonly Pair<PastNode["state"]>[];
  /** How many calls ran in both. */
  readonly both: number;
}

/** Compares the calls of two runs: by key, and where a key is in one only, by name. */
export function compareRuns(before: readonly PastNode[], now: readonly PastNode[]): Comparison {
  const byKey = new Map(before.map((node) => [node.key, node]));
  const left = new Set(before);
  const pairs: [PastNode, PastNode][] = [];
  const unknown: PastNode[] = [];
  for (const node of now) {
    const same = byKey.get(node.key);
    if (same !== undefined && left.delete(same)) pairs.push([same, node]);
    else unknown.push(node);
  }
  const byName = new Map([...left].map((node) => [node.call, node]));
  const onlyNow: string[] = [];
  for (const node of unknown) {
    const same = byName.get(node.call);
    if (same !== undefined && left.delete(same)) pairs.push([same, node]);
    else onlyNow.push(node.call);
  }
  const timed = pairs.filter(([a, b]) => a.state === "succeeded" && b.state === "succeeded")
    .map(([a, b]) => ({ call: b.call, before: a.millis, now: b.millis }));
  const much = (less: number, more: number) => more - less > LEAST && more > less * (1 + SHARE);
  return {
    onlyBefore: [...left].map(({ call }) => call).sort(),
    onlyNow: onlyNow.sort(),
    slower: timed.filter((one) => much(one.before, one.now))
      .sort((a, b) => (b.now - b.before) - (a.now - a.before)),
    faster: timed.filter((one) => much(one.now, one.before))
      .sort((a, b) => (b.before - b.now) - (a.before - a.now)),
    keys: pairs.filter(([a, b]) => a.key !== b.key)
      .map(([a, b]) => ({ call: b.call, before: a.key, now: b.key })),
    states: pairs.filter(([a, b]) => a.state !== b.state)
      .map(([a, b]) => ({ call: b.call, before: a.state, now: b.state })),
    both: pairs.length,
  };
}

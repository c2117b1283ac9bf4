/** Calls as data: what a task that returned calls has stored, and what crosses from a worker to the main thread. */
import { Call } from "./call.ts";
import { keyOf } from "./digest.ts";
import type { Definition } from "./definition.ts";
import type { SourceFrame } from "./source.ts";

/** One call as data. */
export interface PackedCall {
  /** The task's name. */
  readonly task: string;
  /** Where the task was defined. */
  readonly frames: readonly SourceFrame[];
  /** The canonical input. */
  readonly input: Uint8Array;
  /** The calls its references mean, as indices of the list it stands in. */
  readonly upstreams: readonly number[];
}

/** A structure that refers to calls, as data. */
export interface Expression {
  /** The structure. */
  readonly bytes: Uint8Array;
  /** Which of `calls` its references mean. */
  readonly roots: readonly number[];
  /** The calls, each after its upstreams. */
  readonly calls: readonly PackedCall[];
}

/** Turns a linked structure into data. */
export function packExpression(bytes: Uint8Array, roots: readonly Call<unknown>[]): Expression {
  const numbers = new Map<string, number>();
  const calls: PackedCall[] = [];
  const open: Call<unknown>[] = [...roots];
  // A call is written when its upstreams are; without recursion, since chains are long.
  while (open.length > 0) {
    const call = open[open.length - 1]!;
    const missing = numbers.has(call.key)
      ? []
      : call.upstreams.filter((upstream) => !numbers.has(upstream.key));
    if (missing.length > 0) {
      open.push(...missing);
      continue;
    }
    open.pop();
    if (numbers.has(call.key)) continue;
    numbers.set(call.key, calls.length);
    const upstreams = call.upstreams.map((upstream) => numbers.get(upstream.key)!);
    calls.push({ task: call.task.name, frames: call.task.frames, input: call.bytes.slice(), upstreams });
  }
  return { bytes: bytes.slice(), roots: roots.map((root) => numbers.get(root.key)!), calls };
}

/**
 * Makes the calls of an expression again.
 *
 * @param definition finds a task; `undefined` when there is none of that name.
 * @returns the calls the structure's references mean, or the first task that was not found.
 */
export function unpackCalls(
  expression: Expression,
  definition: (call: PackedCall) => Definition | undefined,
): { readonly calls: readonly Call<unknown>[] } | { readonly missing: PackedCall } {
  const made: Call<unknown>[] = [];
  for (const packed of expression.calls) {
    const task = definition(packed);
    if (task === undefined) return { missing: packed };
    const upstreams = packed.upstreams.map((index) => made[index]!);
    made.push(
      new Call(
        task,
        keyOf(task.name, packed.input, upstreams),
        upstreams,
        packed.input,
        0,
        packed.input.length,
      ),
    );
  }
  return { calls: expression.roots.map((root) => made[root]!) };
}

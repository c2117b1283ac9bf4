/** Running an attempt: the task's function is called, and what it gives or throws becomes a result. */
import { link, PickError } from "../../model/call.ts";
import { CodecError } from "../../model/codec/error.ts";
import { encode } from "../../model/codec/encode.ts";
import { packExpression } from "../../model/expression.ts";
import { stored } from "../../model/slab.ts";
import type { FailedItem } from "../protocol.ts";
import type { Attempt } from "./attempt.ts";
import { runAs } from "./current.ts";
import { Skipped, Unchanged } from "./endings.ts";
import { asError, errorBytes, errorName } from "./errors.ts";
import { LostValue } from "./values.ts";

/** What became of an attempt. */
export type AttemptResult =
  | {
    readonly kind: "value";
    readonly bytes: Uint8Array;
    readonly follow: boolean;
    /** It is the one of the last time: so are its outputs. */
    readonly unchanged?: true;
  }
  | { readonly kind: "skipped"; readonly why: string }
  | { readonly kind: "failed"; readonly failed: FailedItem }
  | { readonly kind: "lost"; readonly values: readonly number[] };

/** Runs an attempt. The result is there at once when the task is synchronous: a hundred thousand awaits would be felt. */
export function runAttempt(attempt: Attempt): AttemptResult | Promise<AttemptResult> {
  const { task, ctx } = attempt;
  try {
    const input = attempt.input();
    attempt.prepare();
    // Read now, so that a lost upstream result is noticed before the task has begun.
    if (task.deps !== undefined) void ctx.deps;
    const output = runAs(attempt, task.run, input, ctx);
    if (!isThenable(output)) return resultOf(attempt, output);
    return Promise.race([output, new Promise<never>((_, reject) => attempt.interrupt = reject)])
      .then((value) => resultOf(attempt, value), (error: unknown) => failureOf(error, attempt));
  } catch (error) {
    return failureOf(error, attempt);
  }
}

/** Whether a value is a promise, or acts as one. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}

/** Encodes what a task returned. */
function resultOf(attempt: Attempt, value: unknown): AttemptResult {
  attempt.stop();
  try {
    const { bytes, upstreams } = link(value, { canonical: false, root: "result" });
    if (upstreams.length === 0) {
      const { slab, start, end } = stored(bytes);
      return { kind: "value", bytes: slab.subarray(start, end), follow: false };
    }
    return { kind: "value", bytes: encode(packExpression(bytes, upstreams)), follow: true };
  } catch (error) {
    if (!(error instanceof CodecError)) return failureOf(error);
    return {
      kind: "failed",
      failed: { reason: "unclonable", error: errorBytes(error), errorName: error.name, retriable: true },
    };
  }
}

/** What was thrown, as a result. */
export function failureOf(error: unknown, attempt?: Attempt): AttemptResult {
  if (error instanceof Skipped) return { kind: "skipped", why: error.message };
  if (error instanceof Unchanged && attempt !== undefined) return unchanged(attempt);
  if (error instanceof LostValue) return { kind: "lost", values: [error.index] };
  return {
    kind: "failed",
    failed: {
      reason: "error",
      error: errorBytes(error),
      errorName: errorName(asError(error)),
      // The same values would come again.
      retriable: !(error instanceof PickError),
    },
  };
}

/** The result that the call had the last time. */
function unchanged(attempt: Attempt): AttemptResult {
  const known = attempt.earlierResult();
  if (known !== undefined) {
    return { kind: "value", bytes: known.bytes, follow: known.follow, unchanged: true };
  }
  return failureOf(
    new Error("ctx.unchanged(): there is no earlier result of this call, so it has to be computed"),
  );
}

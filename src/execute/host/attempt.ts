/** One attempt inside a host: values in, the task's function, bytes out. */
import { link, PickError, unlink } from "../../model/call.ts";
import { CodecError } from "../../model/codec/error.ts";
import { decode } from "../../model/codec/decode.ts";
import { encode } from "../../model/codec/encode.ts";
import { packExpression } from "../../model/expression.ts";
import { fillName } from "../../model/name.ts";
import { stored } from "../../model/slab.ts";
import type { Context, Definition } from "../../model/definition.ts";
import {
  type BatchMessage,
  type FailedItem,
  type OpenMessage,
  outputName,
  type TaskInfo,
} from "../protocol.ts";
import type { ResultStorage } from "../../model/storage.ts";
import { AttemptContext, type ContextMakers } from "./context.ts";
import { asError, errorBytes, errorName } from "./errors.ts";
import { AttemptOutput, current } from "./output.ts";

/** An attempt under way, as everything that runs inside it sees it. What few tasks need is made when it is asked for. */
export class Attempt implements ContextMakers {
  readonly ctx: AttemptContext;
  /** Milliseconds on the monotonic clock. */
  readonly begun = performance.now();
  millis = 0;
  /** No longer the owner of what is printed. */
  ended = false;
  /** An error that reached nobody: a rejection without a handler, an exception in a callback. */
  stray: { readonly error: unknown } | undefined = undefined;
  /** Ends a waiting attempt with a stray error. */
  interrupt: ((error: unknown) => void) | undefined = undefined;
  private printed: AttemptOutput | undefined = undefined;

  constructor(
    readonly batch: BatchMessage,
    readonly item: number,
    readonly info: TaskInfo,
    readonly task: Definition,
    private readonly storage: ResultStorage,
    private readonly open: OpenMessage,
  ) {
    this.ctx = new AttemptContext(batch.attempts[item]!, batch.keys[item]!, this);
  }

  /** Where what it prints goes. */
  get output(): AttemptOutput {
    return this.printed ??= new AttemptOutput(
      this.open.logs,
      outputName(this.ctx.key, this.ctx.attempt),
      this.open.output,
    );
  }

  /** Ends the output; gives the files it went to, if anything was printed. */
  closeOutput(): { readonly stdout?: string; readonly stderr?: string } | undefined {
    // A process of its own may have been printed to by what the task started.
    if (this.printed === undefined && this.open.output === undefined) return undefined;
    this.output.close();
    const { files } = this.output;
    return files.stdout === undefined && files.stderr === undefined ? undefined : { ...files };
  }

  directory(): string {
    return this.storage.directory(this.info.name, this.ctx.key, this.batch.validities[this.item] ?? "");
  }

  deps(): unknown {
    return depsOf(this.batch, this.item, this.storage);
  }

  name(): string {
    const { name } = this.info;
    return name.includes("[") ? fillName(name, inputOf(this.batch, this.item, this.storage)) : name;
  }
}

/** What became of an attempt. */
export type AttemptResult =
  | { readonly kind: "value"; readonly bytes: Uint8Array; readonly follow: boolean }
  | { readonly kind: "failed"; readonly failed: FailedItem }
  | { readonly kind: "lost"; readonly values: readonly number[] };

/** A stored upstream result that is not there any more. */
class LostValue extends Error {
  constructor(readonly index: number) {
    super("a stored result is gone");
  }
}

/** Runs an attempt. The result is there at once when the task is synchronous: a hundred thousand awaits would be felt. */
export function runAttempt(attempt: Attempt, storage: ResultStorage): AttemptResult | Promise<AttemptResult> {
  const { batch, item, task, ctx } = attempt;
  try {
    const input = inputOf(batch, item, storage);
    // Read now, so that a lost upstream result is noticed before the task has begun.
    if (task.deps !== undefined) void ctx.deps;
    const output = current.run(attempt, task.run, input, ctx as unknown as Context<unknown>);
    if (!isThenable(output)) return resultOf(attempt, output);
    return Promise.race([output, new Promise<never>((_, reject) => attempt.interrupt = reject)])
      .then((value) => resultOf(attempt, value), (error: unknown) => failureOf(error));
  } catch (error) {
    return failureOf(error);
  }
}

/** Whether a value is a promise, or acts as one. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}

/** Encodes what a task returned. */
function resultOf(attempt: Attempt, value: unknown): AttemptResult {
  attempt.millis = performance.now() - attempt.begun;
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
export function failureOf(error: unknown): AttemptResult {
  if (error instanceof LostValue) return { kind: "lost", values: [error.index] };
  const definition = error instanceof PickError ? { definition: error.message } : {};
  return {
    kind: "failed",
    failed: {
      reason: "error",
      error: errorBytes(error),
      errorName: errorName(asError(error)),
      retriable: true,
      ...definition,
    },
  };
}

/** The values of references, each decoded once for an attempt: what was one object stays one. */
function valuesOf(
  batch: BatchMessage,
  indices: readonly number[],
  storage: ResultStorage,
): (number: number) => unknown {
  let decoded: Map<number, unknown> | undefined;
  return (number) => {
    const index = indices[number]!;
    if (decoded?.has(index)) return decoded.get(index);
    const upstream = batch.values[index]!;
    const bytes = upstream.bytes ?? storage.read(upstream.file!, upstream.digest);
    if (bytes === undefined) throw new LostValue(index);
    const value = decode(bytes);
    (decoded ??= new Map()).set(index, value);
    return value;
  };
}

const NONE: readonly number[] = [];

/** The input of an item. */
export function inputOf(batch: BatchMessage, item: number, storage: ResultStorage): unknown {
  const start = item === 0 ? 0 : batch.ends[item * 2 - 1]!;
  return unlink(
    batch.bytes.subarray(start, batch.ends[item * 2]!),
    valuesOf(batch, batch.links[item]?.inputs ?? NONE, storage),
  );
}

/** The values of an item's `deps`. */
function depsOf(batch: BatchMessage, item: number, storage: ResultStorage): unknown {
  const [start, end] = [batch.ends[item * 2]!, batch.ends[item * 2 + 1]!];
  if (start === end) return {};
  return unlink(batch.bytes.subarray(start, end), valuesOf(batch, batch.links[item]?.deps ?? NONE, storage));
}

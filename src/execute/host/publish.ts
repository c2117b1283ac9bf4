/** What happens to an attempt's value: it goes to the cache, to a file of the run, or into the message. */
import { digestOf } from "../../model/digest.ts";
import { unlink } from "../../model/call.ts";
import { readable, Reference } from "../../model/readable.ts";
import type { HostWarning, OpenMessage, SpecialItem } from "../protocol.ts";
import type { Published, ResultStorage } from "../../model/storage.ts";
import { type Attempt, type AttemptResult, failureOf } from "./attempt.ts";
import { errorBytes } from "./errors.ts";
import type { Results } from "./results.ts";

/** Turns the result of an attempt into an item of the message. */
export function settle(
  attempt: Attempt,
  result: AttemptResult,
  results: Results,
  open: OpenMessage,
  storage: ResultStorage,
  warn: (warning: HostWarning) => void,
): void {
  const { item, millis } = attempt;
  if (result.kind === "value") result = unlessStopped(attempt, result);
  const output = attempt.closeOutput();
  const printed = output === undefined ? {} : { output };
  if (result.kind !== "value") {
    if (attempt.ctx.usedDirectory !== undefined) storage.discard(attempt.ctx.usedDirectory);
    if (result.kind === "lost") {
      for (const { task, key } of result.values.map((index) => attempt.batch.values[index]!)) {
        warn({
          kind: "warning",
          message: `a stored result of ${task} (${key.slice(0, 8)}) is damaged or gone; it is computed again`,
        });
      }
      return results.add(item, millis, "", undefined, undefined, { lost: result.values });
    }
    const cancelled = attempt.ctx.abortReason === "cancelled" ? { cancelled: true as const } : {};
    return results.add(item, millis, "", undefined, undefined, {
      failed: result.failed,
      ...printed,
      ...cancelled,
    });
  }
  let { bytes } = result;
  const store = attempt.info.store && attempt.batch.validities[item] !== "" && open.cache !== undefined;
  let digest = open.digests ? digestOf(bytes) as string : "";
  let published: Published | undefined;
  if (store) {
    try {
      published = storage.publish(request(attempt, bytes, digest, result.follow, open.run, output));
      if (published.adopted !== undefined) ({ bytes, digest } = published.adopted);
    } catch (error) {
      warn({
        kind: "warning",
        cacheFailed: true,
        message: `results are not being cached: ${
          (error as Error).message
        }; the values are right all the same: make room in ${open.cache}, or choose another folder for the cache`,
      });
    }
  }
  const special: { -readonly [Property in keyof SpecialItem]: SpecialItem[Property] } =
    published === undefined ? { ...printed } : {};
  if (result.follow) special.follow = true;
  const inline = bytes.length <= open.inlineBytes;
  if (!inline) {
    try {
      special.file = published?.file ??
        storage.spill(`${attempt.batch.keys[item]}-${attempt.batch.attempts[item]}`, bytes);
    } catch (error) {
      return results.fail(item, millis, {
        reason: "error",
        error: errorBytes(error),
        errorName: (error as Error).name,
        retriable: false,
      }, special.output);
    }
  }
  const plain = special.follow === undefined && special.file === undefined && special.output === undefined;
  results.add(
    item,
    millis,
    digest,
    published?.stamp,
    inline ? bytes : undefined,
    plain ? undefined : special,
  );
}

/** The value, or a failure when the task was asked to stop: what it returned may then be half of its work. */
function unlessStopped(attempt: Attempt, result: AttemptResult): AttemptResult {
  const { abortReason, noticedAbort } = attempt.ctx;
  if (abortReason !== "timeout" && !noticedAbort) return result;
  return failureOf(new Error("the task returned a value after it was asked to stop"));
}

/** Everything an entry says. */
function request(
  attempt: Attempt,
  bytes: Uint8Array,
  digest: string,
  expression: boolean,
  run: string,
  output: { readonly stdout?: string; readonly stderr?: string } | undefined,
): Parameters<ResultStorage["publish"]>[0] {
  const { batch, item, info, task } = attempt;
  return {
    task: info.name,
    key: batch.keys[item]!,
    validity: batch.validities[item]!,
    bytes,
    digest,
    expression,
    compression: task.compression,
    input: readableInput(attempt),
    upstreams: upstreamsOf(attempt),
    code: info.code,
    env: info.env,
    run,
    attempt: batch.attempts[item]!,
    started: performance.timeOrigin + attempt.begun,
    millis: attempt.millis,
    stdout: output?.stdout,
    stderr: output?.stderr,
    directory: attempt.ctx.usedDirectory,
  };
}

/** The input as text; upstream results are shown by the calls they came from. */
function readableInput({ batch, item }: Attempt): string {
  const start = item === 0 ? 0 : batch.ends[item * 2 - 1]!;
  const shown = unlink(batch.bytes.subarray(start, batch.ends[item * 2]!), (number) => {
    const upstream = batch.values[batch.links[item]!.inputs[number]!]!;
    return new Reference(`${upstream.task}‹${upstream.key.slice(0, 8)}›`);
  });
  return readable(shown, 2_000);
}

/** The upstream results an attempt was given. */
function upstreamsOf(
  { batch, item }: Attempt,
): { name: string; task: string; key: string; digest: string }[] {
  const links = batch.links[item];
  if (links === undefined) return [];
  const seen = new Set<number>();
  const list: { name: string; task: string; key: string; digest: string }[] = [];
  const times = new Map<string, number>();
  for (const index of [...links.inputs, ...links.deps]) {
    if (seen.has(index)) continue;
    seen.add(index);
    const { task, key, digest } = batch.values[index]!;
    const count = (times.get(task) ?? 0) + 1;
    times.set(task, count);
    list.push({ name: count === 1 ? task : `${task}.${count}`, task, key, digest });
  }
  return list;
}

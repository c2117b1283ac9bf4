/** What happens to an attempt's value: it goes to the cache, to a file of the run, or into the message. */
import { digestOf } from "../../model/digest.ts";
import { unlink } from "../../model/call.ts";
import { readable, Reference } from "../../model/readable.ts";
import type { HostWarning, OpenMessage, SpecialItem } from "../protocol.ts";
import type { Published, ResultStorage } from "../../model/storage.ts";
import type { Attempt, AttemptResult } from "./attempt.ts";
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
  const { item, millis, output } = attempt;
  output.close();
  const printed = output.files.stdout !== undefined || output.files.stderr !== undefined
    ? { output: { ...output.files } }
    : {};
  if (result.kind !== "value") {
    if (attempt.ctx.usedDirectory !== undefined) storage.discard(attempt.ctx.usedDirectory);
    if (result.kind === "lost") {
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
      published = storage.publish(request(attempt, bytes, digest, result.follow, open.run));
      if (published.adopted !== undefined) ({ bytes, digest } = published.adopted);
    } catch (error) {
      warn({
        kind: "warning",
        cacheFailed: true,
        message: `results are not being cached: ${(error as Error).message}`,
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
  let some = false;
  for (const _ in special) some = true;
  results.add(item, millis, digest, published?.stamp, inline ? bytes : undefined, some ? special : undefined);
}

/** Everything an entry says. */
function request(
  attempt: Attempt,
  bytes: Uint8Array,
  digest: string,
  expression: boolean,
  run: string,
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
    started: attempt.started,
    millis: attempt.millis,
    stdout: attempt.output.files.stdout,
    stderr: attempt.output.files.stderr,
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

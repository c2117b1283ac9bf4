/** Everything that an entry of the cache says of an attempt. */
import { unlink } from "../../model/call.ts";
import { readable, Reference } from "../../model/readable.ts";
import type { PublishRequest } from "../../model/storage.ts";
import type { SpecialItem } from "../protocol.ts";
import type { Attempt } from "./attempt.ts";
import type { Found } from "./finding.ts";

/** The entry of an attempt that has succeeded. */
export function entryOf(
  attempt: Attempt,
  made: { readonly stored: Uint8Array; readonly kind: number },
  digest: string,
  found: Found | undefined,
  run: string,
  output: SpecialItem["output"],
): PublishRequest {
  const { batch, item, info, task } = attempt;
  const input = shownInput(attempt);
  return {
    task: info.name,
    key: batch.keys[item]!,
    validity: found?.validity ?? batch.validities[item]!,
    bytes: made.stored,
    digest,
    // It ran although there may be a result: for its own sake, or since what it had written was not there as it was made.
    replaces: task.noSkip || batch.extras[item]?.outputs !== undefined || batch.extras[item]?.anew === true,
    kind: made.kind,
    compression: task.compression,
    input: readable(input, 2_000),
    fields: fieldsOf(input),
    files: [...batch.extras[item]?.files ?? [], ...attempt.usedFindings?.seen ?? []],
    found: found?.trace.files ?? [],
    params: found?.params ?? {},
    calls: found?.calls ?? [],
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

/** The input; upstream results are shown by the calls they came from. */
function shownInput({ batch, item }: Attempt): unknown {
  const start = item === 0 ? 0 : batch.ends[item * 2 - 1]!;
  return unlink(batch.bytes.subarray(start, batch.ends[item * 2]!), (number) => {
    const upstream = batch.values[batch.links[item]!.inputs[number]!]!;
    return new Reference(`${upstream.task}‹${upstream.key.slice(0, 8)}›`);
  });
}

/** The fields of an input that is a plain record. */
export function fieldsOf(input: unknown): Record<string, string> | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
  if (Object.getPrototypeOf(input) !== Object.prototype) return undefined;
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, readable(value, 200)]));
}

/** The upstream results an attempt was given. */
function upstreamsOf(
  { batch, item }: Attempt,
): { name: string; task: string; key: string; digest: string }[] {
  const links = batch.links[item];
  const extra = batch.extras[item];
  if (links === undefined && extra?.more === undefined) return [];
  const names = new Map(extra?.names?.map(([name, index]) => [index, name]) ?? []);
  const seen = new Set<number>();
  const list: { name: string; task: string; key: string; digest: string }[] = [];
  const times = new Map<string, number>();
  for (const index of [...links?.inputs ?? [], ...links?.deps ?? [], ...extra?.more ?? []]) {
    if (seen.has(index)) continue;
    seen.add(index);
    const { task, key, digest } = batch.values[index]!;
    const name = names.get(index) ?? task;
    const count = (times.get(name) ?? 0) + 1;
    times.set(name, count);
    list.push({ name: count === 1 ? name : `${name}.${count}`, task, key, digest });
  }
  return list;
}

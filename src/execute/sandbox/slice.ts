/** One item of a batch as a batch of its own, with all that it needs inside. Pure. */
import type { BatchMessage, ItemExtra, TaskInfo, UpstreamValue } from "../protocol.ts";

/** The upstream values that an item may read, as indices of the batch's values. */
export function valuesOfItem(batch: BatchMessage, item: number): readonly number[] {
  const links = batch.links[item];
  const names = batch.extras[item]?.names ?? [];
  return [...new Set([...links?.inputs ?? [], ...links?.deps ?? [], ...names.map(([, value]) => value)])];
}

/**
 * The batch with one item.
 *
 * @param values the bytes of what it may read, by index; nothing else is told.
 * @param latest what the call gave the last time.
 */
export function sliceOf(
  batch: BatchMessage,
  item: number,
  info: TaskInfo,
  values: ReadonlyMap<number, Uint8Array>,
  latest: ItemExtra["latest"],
): BatchMessage {
  const start = item === 0 ? 0 : batch.ends[item * 2 - 1]!;
  const [input, deps] = [batch.ends[item * 2]!, batch.ends[item * 2 + 1]!];
  const extra = batch.extras[item];
  // Whether its code is what the run has read is looked at from outside: it may not be allowed to see.
  const { sources: _, ...told } = info;
  const given = extra === undefined && latest === undefined
    ? undefined
    : { ...extra, ...(latest !== undefined && { latest }) };
  return {
    kind: "batch",
    id: batch.id,
    lane: 0,
    slot: 0,
    newTasks: [{ ...told, store: false }],
    tasks: [info.index],
    attempts: [batch.attempts[item]!],
    keys: [batch.keys[item]!],
    validities: [batch.validities[item]!],
    bytes: batch.bytes.slice(start, deps),
    ends: [input - start, deps - start],
    values: batch.values.map(({ task, key, digest }, index): UpstreamValue => ({
      task,
      key,
      digest,
      bytes: values.get(index) ?? new Uint8Array(),
    })),
    links: batch.links[item] === undefined ? [] : [batch.links[item]],
    extras: given === undefined ? [] : [given],
    // It has loaded its modules when it begins.
    announce: true,
  };
}

/** Parts of what a host tells of ended attempts. Pure. */
import type { EndedMessage, SpecialItem } from "../protocol.ts";

/** The items at some positions of a message, for a batch in which they have other numbers. */
export function partOf(
  message: EndedMessage,
  positions: readonly number[],
  batch: number,
  numberOf: (item: number) => number,
  more: { readonly takenOver?: boolean; readonly where?: string | undefined } = {},
): EndedMessage {
  const special = new Map(message.special);
  const start = (position: number) => position === 0 ? 0 : message.ends[position - 1]!;
  const bytes = new Uint8Array(
    positions.reduce((sum, position) => sum + message.ends[position]! - start(position), 0),
  );
  const ends: number[] = [];
  let used = 0;
  for (const position of positions) {
    bytes.set(message.bytes.subarray(start(position), message.ends[position]!), used);
    ends.push(used += message.ends[position]! - start(position));
  }
  return {
    kind: "ended",
    batch,
    items: positions.map((position) => numberOf(message.items[position]!)),
    millis: positions.map((position) => message.millis[position]!),
    digests: positions.map((position) => message.digests[position]!),
    stamps: positions.map((position) => message.stamps[position]),
    bytes,
    ends,
    special: positions.flatMap((position, index) => {
      const one = special.get(position);
      return one === undefined ? [] : [[index, marked(one, more)] as const];
    }),
    last: message.last,
  };
}

/** The positions of a message that fit. */
export function positionsWhere(
  message: EndedMessage,
  fits: (item: number, position: number) => boolean,
): number[] {
  return message.items.flatMap((item, position) => fits(item, position) ? [position] : []);
}

/** What is special about an item, with what is known of its job. */
function marked(
  one: SpecialItem,
  { takenOver = false, where }: { readonly takenOver?: boolean; readonly where?: string | undefined },
): SpecialItem {
  return {
    ...one,
    ...(takenOver && { takenOver }),
    ...(one.failed !== undefined && where !== undefined && { failed: { ...one.failed, where } }),
  };
}

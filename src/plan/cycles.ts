/** Finding calls that wait for each other. */

/** What the search needs of a graph. */
export interface Waits {
  /** How many nodes there are. */
  readonly count: number;
  /** The nodes that a node waits for. */
  readonly of: (node: number) => readonly number[];
}

/** A round trip among nodes that wait for each other, or `undefined` when there is none; linear in nodes and edges. */
export function cycleIn(waits: Waits): readonly number[] | undefined {
  const left = new Int32Array(waits.count);
  const dependents: (number[] | undefined)[] = [];
  const free: number[] = [];
  for (let id = 0; id < waits.count; id++) {
    let count = 0;
    for (const up of waits.of(id)) {
      count++;
      (dependents[up] ??= []).push(id);
    }
    left[id] = count;
    if (count === 0) free.push(id);
  }
  let done = 0;
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    done++;
    for (const dependent of dependents[id] ?? []) if (--left[dependent]! === 0) free.push(dependent);
  }
  if (done === waits.count) return undefined;
  // Whatever is left over waits for something that is left over: follow that until a node comes again.
  const seen = new Map<number, number>();
  const path: number[] = [];
  let id = left.findIndex((count) => count > 0);
  while (!seen.has(id)) {
    seen.set(id, path.length);
    path.push(id);
    id = waits.of(id).find((up) => left[up]! > 0)!;
  }
  return [...path.slice(seen.get(id)), id];
}

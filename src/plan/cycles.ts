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

/** By node: the number of its component; nodes of one component wait for each other. Tarjan's way, linear. */
export function components(waits: Waits): Int32Array {
  const { count } = waits;
  const component = new Int32Array(count).fill(-1);
  const order = new Int32Array(count);
  const low = new Int32Array(count);
  const stack: number[] = [];
  let [seen, numbers] = [0, 0];
  for (let start = 0; start < count; start++) {
    if (order[start] !== 0) continue;
    const path: { readonly id: number; readonly next: readonly number[]; at: number }[] = [];
    const enter = (id: number): void => {
      order[id] = low[id] = ++seen;
      stack.push(id);
      path.push({ id, next: waits.of(id), at: 0 });
    };
    enter(start);
    while (path.length > 0) {
      const top = path.at(-1)!;
      const { id, next } = top;
      if (top.at < next.length) {
        const other = next[top.at++]!;
        if (order[other] === 0) enter(other);
        else if (component[other] === -1) low[id] = Math.min(low[id]!, order[other]!);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) low[above.id] = Math.min(low[above.id]!, low[id]!);
      if (low[id] !== order[id]) continue;
      for (let one = stack.pop()!;; one = stack.pop()!) {
        component[one] = numbers;
        if (one === id) break;
      }
      numbers++;
    }
  }
  return component;
}

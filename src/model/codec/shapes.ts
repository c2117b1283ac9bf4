/** Tables of the property keys and key lists ("shapes") that an encoding has already written. */

/** Tables with more nodes or key text than this are thrown away between two encodings. */
const KEEP_NODES = 4096;
const KEEP_TEXT = 1 << 18;

/** A property key; its number is valid while `epoch` is the table's. */
export interface KeyEntry {
  /** The key. */
  readonly text: string;
  /** The encoding in which the key was last written inline. */
  epoch: number;
  /** Number of the key in that encoding, in order of first use. */
  index: number;
}

/** A list of keys: a node in a tree in which each edge adds one key. */
export interface Shape {
  /** Keys in the order in which the values are written; empty until the node is used as a shape. */
  keys: readonly string[];
  /** The encoding in which the shape was last written inline. */
  epoch: number;
  /** Number of the shape in that encoding. */
  index: number;
  /** The same keys sorted, once asked for. */
  sorted: Shape | undefined;
  /** The edge taken last: nearly always the one wanted next. */
  lastKey: string | undefined;
  lastNext: Shape | undefined;
  /** All edges, once there are two. */
  edges: Map<string, Shape> | undefined;
}

/**
 * Finds shapes and keys, and numbers those of the current encoding. The tree outlives an encoding, so that a
 * stream of small alike values costs no allocation; numbers never do, so output depends on the value alone.
 */
export class ShapeTable {
  /** Identifies the current encoding; entries with another epoch count as not written. */
  epoch = 1;
  /** How many keys the current encoding has written. */
  keyCount = 0;
  /** How many shapes the current encoding has written. */
  shapeCount = 0;
  #root = newShape();
  #keys = new Map<string, KeyEntry>();
  #nodes = 0;
  #text = 0;

  /** The shape of an object with these keys; with `sort`, of the same keys in UTF-16 code unit order. */
  find(keys: readonly string[], sort: boolean): Shape {
    let shape = this.#root;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      shape = shape.lastKey === key ? shape.lastNext! : this.#step(shape, key);
    }
    if (shape.keys.length !== keys.length) shape.keys = keys;
    if (!sort) return shape;
    if (shape.sorted === undefined) {
      const sorted = keys.slice().sort();
      shape.sorted = this.find(sorted, false);
    }
    return shape.sorted;
  }

  /** The entry of a key. */
  key(text: string): KeyEntry {
    let entry = this.#keys.get(text);
    if (entry === undefined) {
      entry = { text, epoch: 0, index: 0 };
      this.#keys.set(text, entry);
      this.#text += text.length;
    }
    return entry;
  }

  /** Begins the next encoding: nothing counts as written. */
  reset(): void {
    this.epoch++;
    this.keyCount = 0;
    this.shapeCount = 0;
    if (this.#nodes + this.#keys.size > KEEP_NODES || this.#text > KEEP_TEXT) {
      this.#root = newShape();
      this.#keys = new Map();
      this.#nodes = 0;
      this.#text = 0;
    }
  }

  #step(from: Shape, key: string): Shape {
    let next = from.edges?.get(key);
    if (next === undefined) {
      next = newShape();
      this.#nodes++;
      this.#text += key.length;
      if (from.lastKey !== undefined) {
        from.edges ??= new Map<string, Shape>().set(from.lastKey, from.lastNext!);
        from.edges.set(key, next);
      }
    }
    from.lastKey = key;
    from.lastNext = next;
    return next;
  }
}

function newShape(): Shape {
  return {
    keys: [],
    epoch: 0,
    index: 0,
    sorted: undefined,
    lastKey: undefined,
    lastNext: undefined,
    edges: undefined,
  };
}

/** A first-in, first-out queue: a list that is cut off in front takes a move of all the rest for each that is taken. */

/** What waits, in order. */
export class Queue<Item> {
  private items: Item[] = [];
  private head = 0;

  /** How many wait. */
  get length(): number {
    return this.items.length - this.head;
  }

  /** Adds at the end. */
  push(item: Item): void {
    this.items.push(item);
  }

  /** The first; there must be one. */
  get first(): Item {
    return this.items[this.head]!;
  }

  /** Takes the first; there must be one. */
  shift(): Item {
    const item = this.items[this.head++]!;
    // All at once when nothing is left, which is soon, or most of it is gone.
    if (this.head === this.items.length) this.clear();
    else if (this.head > 1_024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Forgets all. */
  clear(): void {
    this.items = [];
    this.head = 0;
  }
}

/** A queue of nodes, which are numbers from 0. */
export class NodeQueue extends Queue<number> {
  /** The first node, or -1. */
  peek(): number {
    return this.length === 0 ? -1 : this.first;
  }
  /** Takes the first node, or -1. */
  override shift(): number {
    return this.length === 0 ? -1 : super.shift();
  }
}

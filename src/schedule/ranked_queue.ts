/** A queue of nodes by importance: the most important first, equally important ones in the order they came. */
import { NodeQueue } from "./queue.ts";

/** The queue. There are few different importances, so it is a list of plain queues. */
export class RankedQueue {
  /** The importances in use, the greatest first, and their queues. */
  private readonly ranks: number[] = [];
  private readonly queues: NodeQueue[] = [];
  private count = 0;

  /** How many nodes wait. */
  get length(): number {
    return this.count;
  }

  /** Adds a node. */
  push(node: number, importance: number): void {
    let low = 0;
    let high = this.ranks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ranks[middle]! > importance) low = middle + 1;
      else high = middle;
    }
    if (this.ranks[low] !== importance) {
      this.ranks.splice(low, 0, importance);
      this.queues.splice(low, 0, new NodeQueue());
    }
    this.queues[low]!.push(node);
    this.count++;
  }

  /** The first node, or -1. */
  peek(): number {
    return this.count === 0 ? -1 : this.first().peek();
  }

  /** Takes the first node, or -1. */
  shift(): number {
    if (this.count === 0) return -1;
    this.count--;
    return this.first().shift();
  }

  /** The queue of the most important nodes; those that have run empty are forgotten. */
  private first(): NodeQueue {
    while (this.queues[0]!.length === 0) {
      this.queues.shift();
      this.ranks.shift();
    }
    return this.queues[0]!;
  }
}

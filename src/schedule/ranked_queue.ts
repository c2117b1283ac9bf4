/** A queue of nodes by importance: the most important first, equally important ones in the order they came. */
import { NumberQueue } from "./table.ts";

/** The queue. There are few different importances, so it is a list of plain queues. */
export class RankedQueue {
  /** The importances in use, the greatest first. */
  private readonly ranks: number[] = [];
  private readonly queues = new Map<number, NumberQueue>();
  private count = 0;

  /** How many nodes wait. */
  get length(): number {
    return this.count;
  }

  /** Adds a node. */
  push(node: number, importance: number): void {
    let queue = this.queues.get(importance);
    if (queue === undefined) {
      this.queues.set(importance, queue = new NumberQueue());
      let at = this.ranks.length;
      while (at > 0 && this.ranks[at - 1]! < importance) at--;
      this.ranks.splice(at, 0, importance);
    }
    queue.push(node);
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
  private first(): NumberQueue {
    let queue = this.queues.get(this.ranks[0]!)!;
    while (queue.length === 0) {
      this.queues.delete(this.ranks.shift()!);
      queue = this.queues.get(this.ranks[0]!)!;
    }
    return queue;
  }
}

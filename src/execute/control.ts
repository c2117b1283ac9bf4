/**
 * Which items of a batch a worker has begun: words of shared memory, so that items can be taken back from a worker that is
 * too busy to answer, and a dead worker's last act is known.
 *
 * Per batch slot two words: the claim word holds the next item (low half) and the end (high half); the progress word holds
 * the item under way plus one.
 */

/** Batches a lane may have at once; the scheduler prefetches only while fewer than 64 nodes are left. */
export const SLOTS = 80;
/** The most lanes of one host. */
export const HOST_LANES = 64;

/** The shared words of one host. */
export class Control {
  private readonly words: Int32Array;
  /** Takes the memory, or makes it. */
  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(HOST_LANES * SLOTS * 8)) {
    this.words = new Int32Array(buffer);
  }
  private claim(lane: number, slot: number): number {
    return ((lane % HOST_LANES) * SLOTS + slot % SLOTS) * 2;
  }
  /** Opens a batch of `count` items; before it is sent. */
  open(lane: number, slot: number, count: number): void {
    const at = this.claim(lane, slot);
    Atomics.store(this.words, at + 1, 0);
    Atomics.store(this.words, at, count << 16);
  }
  /** Claims the next item, or returns -1 when there is none left. */
  next(lane: number, slot: number): number {
    const at = this.claim(lane, slot);
    while (true) {
      const word = Atomics.load(this.words, at);
      const item = word & 0xffff;
      if (item >= word >>> 16) return -1;
      if (Atomics.compareExchange(this.words, at, word, word + 1) === word) {
        Atomics.store(this.words, at + 1, item + 1);
        return item;
      }
    }
  }
  /** Takes back up to `count` items from the end that nobody has begun; returns the first and how many. */
  takeBack(lane: number, slot: number, count: number): { readonly first: number; readonly count: number } {
    const at = this.claim(lane, slot);
    while (true) {
      const word = Atomics.load(this.words, at);
      const [item, end] = [word & 0xffff, word >>> 16];
      const taken = Math.min(count, end - item);
      if (taken <= 0) return { first: end, count: 0 };
      if (Atomics.compareExchange(this.words, at, word, ((end - taken) << 16) | item) === word) {
        return { first: end - taken, count: taken };
      }
    }
  }
  /** The item under way, or -1. */
  current(lane: number, slot: number): number {
    return Atomics.load(this.words, this.claim(lane, slot) + 1) - 1;
  }
  /** Says that no item is under way. */
  idle(lane: number, slot: number): void {
    Atomics.store(this.words, this.claim(lane, slot) + 1, 0);
  }
}

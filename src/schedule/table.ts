/** Growing tables of numbers: what the scheduler knows of a million nodes, in a few large buffers. */

/** A table of numbers that grows by doubling. */
export class Numbers {
  /** The numbers; only the first `length` are in use. */
  data: Int32Array;
  /** How many numbers there are. */
  length = 0;
  /** Takes the capacity to begin with. */
  constructor(capacity = 64) {
    this.data = new Int32Array(capacity);
  }
  /** Adds a number at the end. */
  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = new Int32Array(Math.max(64, this.data.length * 2));
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }
  /** Adds the same number so many times. */
  extend(count: number, value: number): void {
    const length = this.length + count;
    if (length > this.data.length) {
      const larger = new Int32Array(Math.max(length, this.data.length * 2));
      larger.set(this.data);
      this.data = larger;
    }
    this.data.fill(value, this.length, length);
    this.length = length;
  }
  /** The number at an index that is in use. */
  at(index: number): number {
    return this.data[index]!;
  }
  /** Replaces the number at an index that is in use. */
  set(index: number, value: number): void {
    this.data[index] = value;
  }
  /** Adds to the number at an index that is in use, and returns the sum. */
  add(index: number, value: number): number {
    return this.data[index]! += value;
  }
}

/** Results of a portion of a batch, gathered into one message. */
import type { FileStamp } from "../../model/storage.ts";
import type { EndedMessage, FailedItem, SpecialItem } from "../protocol.ts";

/** Ended items on their way to the main thread. */
export class Results {
  private items: number[] = [];
  private millis: number[] = [];
  private digests: string[] = [];
  private stamps: (FileStamp | undefined)[] = [];
  private ends: number[] = [];
  private special: (readonly [number, SpecialItem])[] = [];
  private bytes = new Uint8Array(1024);
  private used = 0;
  constructor(private readonly batch: number) {}

  /** How many items have been added. */
  get count(): number {
    return this.items.length;
  }

  /** Adds an item; `bytes` is the result if it travels in the message. */
  add(
    item: number,
    millis: number,
    digest: string,
    stamp: FileStamp | undefined,
    bytes: Uint8Array | undefined,
    special: SpecialItem | undefined,
  ): void {
    if (special !== undefined) this.special.push([this.items.length, special]);
    this.items.push(item);
    this.millis.push(millis);
    this.digests.push(digest);
    this.stamps.push(stamp);
    if (bytes !== undefined) this.append(bytes);
    this.ends.push(this.used);
  }

  /** Adds an item that failed. */
  fail(item: number, millis: number, failed: FailedItem, output?: SpecialItem["output"]): void {
    this.add(item, millis, "", undefined, undefined, { failed, ...(output && { output }) });
  }

  /** The message of all items added so far; the gathering begins anew. `last`: nothing of the batch will follow. */
  take(last: boolean): EndedMessage {
    const { items, millis, digests, stamps, ends, special } = this;
    const bytes = this.bytes.slice(0, this.used);
    this.items = [];
    this.millis = [];
    this.digests = [];
    this.stamps = [];
    this.ends = [];
    this.special = [];
    this.used = 0;
    if (this.bytes.length > 1_048_576) this.bytes = new Uint8Array(1024);
    return { kind: "ended", batch: this.batch, items, millis, digests, stamps, bytes, ends, special, last };
  }

  private append(bytes: Uint8Array): void {
    if (this.used + bytes.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.used + bytes.length));
      larger.set(this.bytes.subarray(0, this.used));
      this.bytes = larger;
    }
    this.bytes.set(bytes, this.used);
    this.used += bytes.length;
  }
}

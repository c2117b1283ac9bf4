/** What each node of a run has come to: its digest, and where its bytes are. */

import type { Hit } from "../store/cache.ts";
import { digestOf } from "../model/digest.ts";
import { NOTHING, OUTPUTS } from "../model/stored_kind.ts";
import { UNDEFINED, unwrapOutputs } from "../model/stored_outputs.ts";

/** The result of a node. */
export interface NodeResult {
  readonly digest: string;
  readonly bytes: Uint8Array | undefined;
  readonly file: string | undefined;
}

/** The results of a run, by node; small ones share the buffers they came in. */
export class ResultTable {
  private readonly digests: (string | undefined)[] = [];
  private readonly buffers: (Uint8Array | undefined)[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly files: (string | undefined)[] = [];
  private readonly hits: (Hit | undefined)[] = [];

  /** Notes a result of an earlier run; where it lies is asked when it is used. */
  setHit(node: number, hit: Hit): void {
    this.digests[node] = hit.digest;
    this.hits[node] = hit;
    this.buffers[node] = undefined;
  }

  /** Notes a result; its bytes are `buffer` from `start` to `end`. */
  set(
    node: number,
    digest: string,
    buffer: Uint8Array | undefined,
    start: number,
    end: number,
    file: string | undefined,
  ): void {
    this.digests[node] = digest;
    this.hits[node] = undefined;
    this.buffers[node] = buffer;
    this.starts[node] = start;
    this.ends[node] = end;
    this.files[node] = file;
  }

  /** Whether a node has a result. */
  has(node: number): boolean {
    return this.digests[node] !== undefined;
  }

  /** The digest of a result that is there. */
  digest(node: number): string {
    return this.digests[node]!;
  }

  /** The digest of a result, if it is there. */
  digestIfAny(node: number): string | undefined {
    return this.digests[node];
  }

  /** A result that is there. Bytes that an index gave are checked now; if they are wrong, the file has to be read. */
  get(node: number): NodeResult {
    const digest = this.digests[node]!;
    const hit = this.hits[node];
    if (hit === undefined) {
      const bytes = this.buffers[node]?.subarray(this.starts[node], this.ends[node]);
      return { digest, bytes, file: this.files[node] };
    }
    const { bytes, file } = hit;
    if (hit.kind & NOTHING) return { digest, bytes: UNDEFINED, file };
    if (bytes === undefined || digestOf(bytes) !== digest) return { digest, bytes: undefined, file };
    return { digest, bytes: hit.kind & OUTPUTS ? unwrapOutputs(bytes).value : bytes, file };
  }

  /** Drops the bytes of a result that can be read from its file. */
  release(node: number): void {
    if (this.files[node] !== undefined) this.buffers[node] = undefined;
  }
}

/** What the index says of an entry. */
import { OUTPUTS } from "../model/stored_kind.ts";
import type { Hit } from "./cache.ts";
import type { IndexRecord } from "./index_file.ts";
import { resultFile } from "./layout.ts";
import { signatureText } from "./text.ts";

/** A hit by the index, which holds the bytes of small results; like those of files they are checked when they are used. */
export class IndexHit implements Hit {
  readonly digest: string;

  constructor(
    private readonly record: IndexRecord,
    private readonly folder: string,
    private readonly task: string,
    private readonly key: string,
    private readonly validity: string,
  ) {
    this.digest = record.digest;
  }

  get kind(): number {
    return this.record.kind;
  }

  get bytes(): Uint8Array | undefined {
    return this.kind & OUTPUTS ? undefined : this.record.bytes;
  }

  get signature(): string {
    const { bytes } = this.record;
    return this.kind & OUTPUTS && bytes !== undefined ? signatureText(bytes) : "";
  }

  get file(): string {
    return resultFile(this.folder, this.task, this.key, this.validity);
  }
}

/** A sandboxed attempt as seen from outside of its process: nothing of its task's code runs here. */
import fs from "node:fs";
import type { Definition } from "../../model/definition.ts";
import type { ResultStorage } from "../../model/storage.ts";
import { Asker } from "../host/asker.ts";
import { Attempt } from "../host/attempt.ts";
import { type BatchMessage, type OpenMessage, outputName, type TaskInfo } from "../protocol.ts";
import { attemptStorage } from "./attempt_storage.ts";

/** What is known of an attempt outside of its process. */
export class HeldAttempt extends Attempt {
  /** Its folder, if it was made; empty before. */
  place = "";
  /** Input files that are not as it saw them. */
  outdated: readonly string[] = [];
  /** Folders that it may list, since they hold only inputs. */
  whole: readonly string[] = [];
  /** What keeps declared folders from being listed. */
  others: readonly string[] = [];

  /** `streams` are the files behind the standard streams of its process. */
  constructor(
    batch: BatchMessage,
    item: number,
    info: TaskInfo,
    task: Definition,
    storage: ResultStorage,
    private readonly held: OpenMessage,
    private readonly streams: Readonly<Record<"stdout" | "stderr", string>>,
  ) {
    const self: { attempt: HeldAttempt | undefined } = { attempt: undefined };
    const own = attemptStorage(storage, {
      directory: () => self.attempt!.place,
      outdated: () => [...self.attempt!.outdated, ...self.attempt!.strangers()],
    });
    super(batch, item, info, task, own, held, new Asker(() => {}));
    self.attempt = this;
  }

  /** Finds out which of its declared folders it may list. */
  openFolders(): void {
    const { folders = [], files = [] } = this.batch.extras[this.item] ?? {};
    if (folders.length === 0) return;
    ({ folders: this.whole, others: this.others } = this.storage.files.whole(folders, files, []));
  }

  /** What has come into such folders since. */
  private strangers(): readonly string[] {
    const { files = [], outputs = [] } = this.batch.extras[this.item] ?? {};
    return this.whole.length === 0 ? [] : this.storage.files.whole(this.whole, files, outputs).others;
  }

  /** What was printed goes where an attempt's output belongs. */
  override closeOutput(): { readonly stdout?: string; readonly stderr?: string } | undefined {
    const files: { stdout?: string; stderr?: string } = {};
    for (const stream of ["stdout", "stderr"] as const) {
      if (!(fs.statSync(this.streams[stream], { throwIfNoEntry: false })?.size ?? 0)) continue;
      files[stream] = `${this.held.logs}/${outputName(this.ctx.key, this.ctx.attempt)}.${stream}.txt`;
      fs.renameSync(this.streams[stream], files[stream]);
    }
    return files.stdout === undefined && files.stderr === undefined ? undefined : files;
  }

  /** Looks whether its folder was used. */
  takeDirectory(): void {
    const found = this.place === "" ? undefined : fs.lstatSync(this.place, { throwIfNoEntry: false });
    if (found?.isDirectory()) void this.ctx.directory;
  }

  /** Puts back what was taken away for it, unless it has come to something; removes its folder, unless it was kept with the result or thrown away with the attempt. */
  dropDirectory(): void {
    this.prior?.putBack();
    if (this.place !== "" && this.ctx.usedDirectory === undefined) this.storage.discard(this.place);
  }
}

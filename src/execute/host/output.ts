/**
 * What tasks print: caught in this thread and written straight to a file of the attempt, so that the last line is there even
 * when the thread dies in the next moment.
 */
import type { Descriptor } from "../../runtime/file_system.ts";
import { fs } from "../../runtime/fs.ts";
import { type StreamName, tapOutput } from "../../runtime/taps.ts";
import { currentOwner } from "./current.ts";

const text = new TextEncoder();

/** The output of one attempt: files that exist only if something was printed. */
export class AttemptOutput {
  private readonly descriptors: Partial<Record<StreamName, Descriptor>> = {};
  /** The files written so far. */
  readonly files: { stdout?: string; stderr?: string } = {};
  /**
   * Takes where files go, and the name they begin with; the folder is made when it is needed. `streams` are the files behind
   * the process's own standard streams, when it has one: they then hold what this attempt prints, and nothing else.
   */
  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly streams?: Readonly<Record<StreamName, string>>,
  ) {}
  /** Appends a chunk. */
  write(stream: StreamName, chunk: Uint8Array | string): void {
    if (this.streams !== undefined) return append(stream === "stdout" ? 1 : 2, chunk);
    let descriptor = this.descriptors[stream];
    if (descriptor === undefined) {
      fs.mkdirSync(this.folder, { recursive: true });
      const file = `${this.folder}/${this.name}.${stream}.txt`;
      this.descriptors[stream] = descriptor = fs.openSync(file, "w");
      this.files[stream] = file;
    }
    append(descriptor, chunk);
  }
  /** Copies what stands in two files, to which others may go on to write. */
  take(files: Readonly<Record<StreamName, string>>): void {
    for (const stream of ["stdout", "stderr"] as const) this.copy(stream, files[stream]);
  }
  /** Closes the files. */
  close(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const shared = this.streams?.[stream];
      if (shared !== undefined && this.copy(stream, shared)) fs.truncateSync(shared);
    }
    for (const descriptor of Object.values(this.descriptors)) fs.closeSync(descriptor);
    delete this.descriptors.stdout;
    delete this.descriptors.stderr;
  }

  /** Copies a file, if anything stands in it; gives whether it does. */
  private copy(stream: StreamName, file: string): boolean {
    // Whoever has cleared the folder of a run takes these along.
    if (!fs.existsSync(file) || fs.statSync(file).size === 0) return false;
    this.files[stream] = `${this.folder}/${this.name}.${stream}.txt`;
    fs.copyFileSync(file, this.files[stream]);
    return true;
  }
}

/** Writes all of a chunk. */
function append(descriptor: Descriptor, chunk: Uint8Array | string): void {
  const bytes = typeof chunk === "string" ? text.encode(chunk) : chunk;
  for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done);
}

let installed = false;

/** From now on, whatever tasks of this thread print goes to the file of their attempt; anything else passes. */
export function catchOutput(): void {
  if (installed) return;
  installed = true;
  tapOutput((stream, chunk) => {
    const attempt = currentOwner();
    if (attempt === undefined || attempt.ended) return false;
    if (chunk.length > 0) attempt.output.write(stream, chunk);
    return true;
  });
}

/**
 * What tasks print: caught in this thread and written straight to a file of the attempt, so that the last line is there even
 * when the thread dies in the next moment.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Buffer } from "node:buffer";
import { Console } from "node:console";
import fs from "node:fs";
import process from "node:process";
import { Writable } from "node:stream";

/** A stream that is caught. */
export type StreamName = "stdout" | "stderr";

/** The output of one attempt: files that exist only if something was printed. */
export class AttemptOutput {
  private readonly descriptors: Partial<Record<StreamName, number>> = {};
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
  /** Closes the files. */
  close(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const shared = this.streams?.[stream];
      if (shared === undefined || fs.statSync(shared).size === 0) continue;
      this.files[stream] = `${this.folder}/${this.name}.${stream}.txt`;
      fs.copyFileSync(shared, this.files[stream]);
      fs.truncateSync(shared);
    }
    for (const descriptor of Object.values(this.descriptors)) fs.closeSync(descriptor);
    delete this.descriptors.stdout;
    delete this.descriptors.stderr;
  }
}

/** Writes all of a chunk. */
function append(descriptor: number, chunk: Uint8Array | string): void {
  const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done);
}

/** Whatever runs inside knows its attempt, across awaits, timers and callbacks. */
export const current: AsyncLocalStorage<{ readonly output: AttemptOutput; ended: boolean }> =
  new AsyncLocalStorage();

let installed = false;

/** From now on, whatever tasks of this thread print goes to the file of their attempt; anything else passes. */
export function catchOutput(): void {
  if (installed) return;
  installed = true;
  const pass = {
    stdout: process.stdout.write.bind(process.stdout),
    stderr: process.stderr.write.bind(process.stderr),
  };
  const catcher = (name: StreamName) =>
    function (chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean {
      const attempt = current.getStore();
      if (attempt === undefined || attempt.ended) {
        return pass[name](chunk as string, encoding as BufferEncoding, done as undefined);
      }
      attempt.output.write(
        name,
        typeof chunk === "string" && typeof encoding === "string"
          ? Buffer.from(chunk, encoding as BufferEncoding)
          : chunk,
      );
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") queueMicrotask(callback as () => void);
      return true;
    };
  const sink = (name: StreamName) =>
    new Writable({
      decodeStrings: false,
      write(chunk, encoding, callback) {
        catchers[name](chunk as string, encoding);
        callback();
      },
    });
  const catchers = { stdout: catcher("stdout"), stderr: catcher("stderr") };
  process.stdout.write = catchers.stdout as typeof process.stdout.write;
  process.stderr.write = catchers.stderr as typeof process.stderr.write;
  const caught = new Console({
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    colorMode: false,
  }) as unknown as Record<string, unknown>;
  const native = globalThis.console as unknown as Record<string, unknown>;
  for (
    const method of [
      "log",
      "info",
      "debug",
      "warn",
      "error",
      "dir",
      "table",
      "trace",
      "group",
      "groupEnd",
      "count",
      "countReset",
      "assert",
      "time",
      "timeEnd",
      "timeLog",
    ]
  ) {
    const before = native[method];
    const inside = caught[method];
    if (typeof before !== "function" || typeof inside !== "function") continue;
    native[method] = (...data: unknown[]): unknown => {
      const attempt = current.getStore();
      return (attempt === undefined || attempt.ended ? before.bind(native) : inside.bind(caught))(...data);
    };
  }
}

/** Taking what is printed in this thread, by whatever function, before it reaches the streams of the process. */
import { node } from "./builtin.ts";

/** A stream that is tapped. */
export type StreamName = "stdout" | "stderr";

/** Takes something printed, which may be empty; `false` when it is to go where it would have gone. */
export type Take = (stream: StreamName, chunk: Uint8Array | string) => boolean;

interface DenoStream {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
}

const deno = (globalThis as { Deno?: Readonly<Record<StreamName, DenoStream>> }).Deno;

/** From now on, whatever is printed in this thread is offered to `take` first. */
export function tapOutput(take: Take): void {
  // On Deno, `process.stdout` writes through Deno's own stream: one tap serves both, and neither has to be loaded.
  for (const name of ["stdout", "stderr"] as const) {
    if (deno === undefined) tapNode(name, take);
    else tapDeno(deno[name], name, take);
  }
  tapConsole(take);
}

function tapDeno(stream: DenoStream, name: StreamName, take: Take): void {
  const write = stream.write.bind(stream);
  const writeSync = stream.writeSync.bind(stream);
  stream.writeSync = (bytes) => take(name, bytes) ? bytes.length : writeSync(bytes);
  stream.write = (bytes) => take(name, bytes) ? Promise.resolve(bytes.length) : write(bytes);
}

function tapNode(name: StreamName, take: Take): void {
  const stream = globalThis.process[name];
  const pass = stream.write.bind(stream);
  stream.write = ((chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean => {
    const bytes = typeof chunk === "string" && typeof encoding === "string"
      ? node.buffer.Buffer.from(chunk, encoding as BufferEncoding)
      : chunk;
    if (!take(name, bytes)) return pass(chunk as string, encoding as BufferEncoding, done as undefined);
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") queueMicrotask(callback as () => void);
    return true;
  }) as typeof stream.write;
}

const METHODS = [
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
];

/** The console of the runtime prints in ways of its own: in its place, one that prints what is taken. */
function tapConsole(take: Take): void {
  const native = globalThis.console as unknown as Record<string, unknown>;
  let caught: Record<string, unknown> | undefined;
  for (const method of METHODS) {
    const before = native[method];
    if (typeof before !== "function") continue;
    native[method] = (...data: unknown[]): unknown => {
      // An empty chunk only asks whether anybody takes it.
      if (!take("stdout", "")) return before.apply(native, data);
      caught ??= consoleOver(take);
      const inside = caught[method] as (...data: unknown[]) => unknown;
      return inside.apply(caught, data);
    };
  }
}

/** A console, made when something is printed: it takes longer to load than most tasks that print nothing. */
function consoleOver(take: Take): Record<string, unknown> {
  const sink = (name: StreamName) =>
    new node.stream.Writable({
      decodeStrings: false,
      write(chunk, _encoding, callback) {
        take(name, chunk as string);
        callback();
      },
    });
  return new node.console.Console({
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    colorMode: false,
  }) as unknown as Record<string, unknown>;
}

/** This process, as `node:process` has it: what is used where a start has to be quick (`builtin.ts` says why). */
import { node } from "./builtin.ts";

interface DenoStream {
  writeSync(bytes: Uint8Array): number;
}
interface DenoProgram {
  readonly pid: number;
  readonly args: readonly string[];
  readonly stdout: DenoStream;
  readonly stderr: DenoStream;
  readonly build: { readonly os: string };
  readonly env: { get(name: string): string | undefined };
  addSignalListener(signal: string, listener: () => void): void;
  cwd(): string;
  exit(code: number): never;
  hostname(): string;
  kill(pid: number, signal: string | 0): void;
}

const deno = (globalThis as { Deno?: DenoProgram }).Deno;

/** What is known of this process, and what it can do. */
export interface Program {
  readonly pid: number;
  /** The arguments of the command line, without the program's own. */
  readonly args: readonly string[];
  readonly windows: boolean;
  cwd(): string;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  exit(code: number): never;
  /** Calls back, at the end of this process, if it was not this `exit` that has ended it; the listener may. */
  onForeignExit(listener: () => void): void;
  /** The name of this machine. */
  hostname(): string;
  /**
   * Sends a signal to a process; 0 only asks whether it could be sent.
   *
   * @throws with the code `ESRCH` when there is no such process, `EPERM` when it is somebody else's.
   */
  kill(pid: number, signal: "SIGTERM" | "SIGKILL" | 0): void;
  /**
   * Listens to the end of all work, where the program would end by itself; of several listeners the last one is called. Deno
   * ends without a word to anybody while a module that is imported awaits what never comes.
   *
   * @returns what ends it.
   */
  onIdle(listener: () => void): () => void;
  onSignal(signal: "SIGTERM", listener: () => void): void;
  /**
   * Prints a text, and returns when it is printed.
   *
   * @throws with the code of the system when it cannot be: `EPIPE` when nobody reads, `ENOSPC`.
   */
  print(stream: "stdout" | "stderr", text: string): void;
}

/** This process. */
export const program: Program = deno === undefined ? byNode() : byDeno(deno);

function byNode(): Program {
  const { process } = globalThis;
  let host: string | undefined;
  return {
    pid: process.pid,
    args: process.argv.slice(2),
    windows: process.platform === "win32",
    cwd: () => process.cwd(),
    env: (name) => process.env[name],
    ...exits((code) => process.exit(code), (call) => process.on("exit", call)),
    hostname: () => host ??= nodeHostname(),
    onIdle: lastOf((call) => process.on("beforeExit", call)),
    kill: (pid, signal) => void process.kill(pid, signal),
    onSignal: (signal, listener) => void process.on(signal, listener),
    print: (stream, text) => writeWhole(stream === "stdout" ? 1 : 2, new TextEncoder().encode(text)),
  };
}

/** Writes all of it: whoever started this process may have set its streams to take only as much as there is room for. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    try {
      done += node.fs.writeSync(file, bytes, done);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** Linux tells it without `node:os`, which has to be loaded. */
function nodeHostname(): string {
  try {
    return node.fs.readFileSync("/proc/sys/kernel/hostname", "utf8").trim();
  } catch {
    return node.os.hostname();
  }
}

/** Says something on standard error that is no result; that nobody can be told is no failure of whoever says it. */
export function complain(text: string): void {
  try {
    program.print("stderr", text);
  } catch {
    // There is nobody left to be told.
  }
}

/** Exits that can be told from those of others. */
function exits(
  exit: Program["exit"],
  listen: (call: () => void) => void,
): Pick<Program, "exit" | "onForeignExit"> {
  let own = false;
  return {
    exit: (code) => {
      own = true;
      return exit(code);
    },
    onForeignExit: (listener) =>
      listen(() => {
        if (!own) listener();
      }),
  };
}

/** Listeners of which the last one is called; the first one begins to listen. */
function lastOf(listen: (call: () => void) => void): Program["onIdle"] {
  const listeners: (() => void)[] = [];
  let listening = false;
  return (listener) => {
    if (!listening) listen(() => listeners.at(-1)?.());
    listening = true;
    listeners.push(listener);
    return () => void listeners.splice(listeners.indexOf(listener), 1);
  };
}

function byDeno(deno: DenoProgram): Program {
  let host: string | undefined;
  return {
    pid: deno.pid,
    args: deno.args,
    windows: deno.build.os === "windows",
    cwd: deno.cwd,
    env: (name) => deno.env.get(name),
    ...exits(deno.exit, (call) => globalThis.addEventListener("unload", call)),
    hostname: () => host ??= deno.hostname(),
    onIdle: lastOf((call) => globalThis.addEventListener("beforeunload", call)),
    kill: (pid, signal) => {
      try {
        deno.kill(pid, signal);
      } catch (error) {
        // Deno says it in words alone.
        const code = /^(E[A-Z]+):/.exec((error as Error).message)?.[1];
        throw code === undefined ? error : Object.assign(error as Error, { code });
      }
    },
    onSignal: deno.addSignalListener,
    print: (stream, text) => {
      const bytes = new TextEncoder().encode(text);
      for (let done = 0; done < bytes.length;) done += deno[stream].writeSync(bytes.subarray(done));
    },
  };
}

/** Programs of fixtures in processes of their own, driven by what they print. */
import { fromFileUrl } from "./paths.ts";

/** A program that runs. */
export interface Program {
  readonly pid: number;
  /** Resolves when `count` lines have been printed, or the program has ended; to whether there were so many. */
  lines(count: number): Promise<boolean>;
  /** Sends a signal. */
  kill(signal: Deno.Signal): void;
  /** How it ended and what it printed. */
  readonly ended: Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
}

/** Starts a module with Deno. */
export function start(
  module: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Program {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-lock", "--config", fromFileUrl("../../deno.json"), module, ...words],
    stdout: "piped",
    stderr: "piped",
    stdin: "null",
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { NO_COLOR: "1", ...options.env },
  }).spawn();
  let stdout = "";
  let count = 0;
  let over = false;
  let waiting: { readonly count: number; readonly done: (enough: boolean) => void }[] = [];
  const look = (): void => {
    const done = waiting.filter((one) => over || count >= one.count);
    waiting = waiting.filter((one) => !done.includes(one));
    for (const one of done) one.done(count >= one.count);
  };
  const printed = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      const text = decoder.decode(chunk, { stream: true });
      stdout += text;
      count += text.split("\n").length - 1;
      look();
    }
    over = true;
    look();
  })();
  const complaints = new Response(child.stderr).text();
  return {
    pid: child.pid,
    lines: (count) =>
      new Promise((done) => {
        waiting.push({ count, done });
        look();
      }),
    kill: (signal) => {
      try {
        child.kill(signal);
      } catch (error) {
        // It was faster.
        if (!(error instanceof TypeError)) throw error;
      }
    },
    ended: (async () => {
      const [{ code }, , stderr] = await Promise.all([child.status, printed, complaints]);
      return { code, stdout, stderr };
    })(),
  };
}

/** Runs a module to its end; gives the last line it printed as JSON. */
export async function lastLine<Value>(
  module: string,
  words: readonly string[],
  options: Parameters<typeof start>[2] = {},
): Promise<Value> {
  const { code, stdout, stderr } = await start(module, words, options).ended;
  if (code !== 0) throw new Error(`${module} ended with exit code ${code}:\n${stderr}\n${stdout}`);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Value;
}

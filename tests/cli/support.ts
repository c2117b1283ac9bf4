/** The command line as a user has it: `deno run -A cli.ts …` in a folder of its own. */
import fs from "node:fs";
import { dirname } from "node:path";
import { fromFileUrl } from "../support/paths.ts";
import { tempFolder } from "../support/temp.ts";

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs, heard line by line. */
export interface Running {
  readonly pid: number;
  /** Resolves to the first line on standard output that fits; fails if the program ends before. */
  line(fits: (line: string) => boolean): Promise<string>;
  /** Resolves when a text stands on standard error. */
  complaint(text: string): Promise<void>;
  kill(signal: Deno.Signal): void;
  readonly ended: Promise<Ended>;
}

/** One event that `--json` printed. */
export interface JsonLine {
  readonly v: number;
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** How the program is started. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The command that stands for `runner`. */
  readonly command?: readonly [string, ...string[]];
}

const ROOT = fromFileUrl("../..").replace(/\/$/, "");
const RUNNER: readonly [string, ...string[]] = [Deno.execPath(), "run", "-A", "--quiet", `${ROOT}/cli.ts`];

/** A folder with pipelines. */
export class Place implements Disposable {
  private readonly folder = tempFolder();
  readonly path = this.folder.path;

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  /** Writes a file. */
  write(name: string, text: string): void {
    fs.mkdirSync(dirname(`${this.path}/${name}`), { recursive: true });
    fs.writeFileSync(`${this.path}/${name}`, text);
  }

  /** Removes a file. */
  remove(name: string): void {
    fs.rmSync(`${this.path}/${name}`);
  }

  /** Reads a file; nothing is an empty text. */
  read(name: string): string {
    return fs.existsSync(`${this.path}/${name}`) ? fs.readFileSync(`${this.path}/${name}`, "utf8") : "";
  }

  /** Starts the program. */
  start(args: readonly string[], options: StartOptions = {}): Running {
    const [command, ...leading] = options.command ?? RUNNER;
    const child = new Deno.Command(command, {
      args: [...leading, ...args],
      cwd: this.path,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A program that does not end fails its test instead of hanging it; SIGTERM takes its children along.
      signal: AbortSignal.timeout(60_000),
    }).spawn();
    let stdout = "";
    let stderr = "";
    let over = false;
    let waiting: (() => boolean)[] = [];
    const look = (): void => void (waiting = waiting.filter((one) => !one()));
    const heard = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of child.stdout) {
        stdout += decoder.decode(chunk, { stream: true });
        look();
      }
      over = true;
      look();
    })();
    const complaints = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of child.stderr) {
        stderr += decoder.decode(chunk, { stream: true });
        look();
      }
    })();
    return {
      pid: child.pid,
      line: (fits) =>
        new Promise((found, failed) => {
          waiting.push(() => {
            const lines = stdout.split("\n").slice(0, -1);
            const line = lines.find(fits);
            if (line !== undefined) found(line);
            else if (over) failed(new Error(`ended without that line:\n${stdout}`));
            return line !== undefined || over;
          });
          look();
        }),
      complaint: (text) =>
        new Promise((found, failed) => {
          waiting.push(() => {
            if (stderr.includes(text)) found();
            else if (over) failed(new Error(`ended without saying "${text}":\n${stderr}`));
            return stderr.includes(text) || over;
          });
          look();
        }),
      kill: (signal) => child.kill(signal),
      ended: Promise.all([child.status, heard, complaints]).then(([{ code }]) => ({
        code,
        stdout,
        stderr,
      })),
    };
  }

  /** Runs the program to its end. */
  runner(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** Runs a pipeline with `--json`; gives the exit code and the lines. */
  async json(...args: string[]): Promise<Ended & { readonly lines: readonly JsonLine[] }> {
    const ended = await this.runner(...args, "--json");
    const lines = ended.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as JsonLine);
    return { ...ended, lines };
  }

  /** A text in which what differs from run to run has the same name: folders, ids, times, what is typed for `runner`. */
  plain(text: string): string {
    return asInstalled(text).replaceAll(this.path, "<here>").replaceAll(ROOT, "<runner>")
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[a-z0-9]{6}/g, "<run>")
      .replaceAll(/\b\d+ ms\b|\b\d+\.\d s\b/g, "<time>")
      .replaceAll(/\b[0-9a-f]{16}(?=-\d+\.std)/g, "<key>");
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

/** A text as it is where the program is installed and typed as `runner`. */
export function asInstalled(text: string): string {
  const words = [/\S*deno run -A/.source, `${ROOT}/cli.ts`.replaceAll(".", "\\.")].join(" ");
  return text.replaceAll(new RegExp(words, "g"), "runner");
}

/** Whether a process is there, and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0] !== "Z";
  } catch {
    return false;
  }
}

/** The value on the last line of `--json`. */
export function valueOf(lines: readonly JsonLine[]): unknown {
  const last = lines.at(-1);
  if (last?.kind !== "value") throw new Error(`the last line is no value: ${JSON.stringify(last)}`);
  return last["value"];
}

/** The counts of a run. */
export function statsOf(lines: readonly JsonLine[]): Record<string, unknown> {
  return lines.find((line) => line.kind === "run-ended")!["stats"] as Record<string, unknown>;
}

/** Whether a line of `--json` says that a node of a task runs. */
export function runs(task: string): (line: string) => boolean {
  return (line) => {
    const event = JSON.parse(line) as JsonLine;
    return event.kind === "transition" && event["task"] === task && event["to"] === "running";
  };
}

/** Jobs for launchers: plain commands in folders of their own, and a listener that tests can wait for. */
import fs from "node:fs";
import process from "node:process";
import type { Job, JobEnd, Launcher, LauncherListener, LauncherPlace } from "../../src/model/job.ts";
import type { Resources } from "../../src/model/resources.ts";
import { childrenOf } from "../support/leaks.ts";
import { until } from "../support/files.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

/** What a test says of a job. */
export interface JobOptions {
  readonly resources?: Resources;
  readonly cwd?: string;
  readonly input?: Readonly<Record<string, string>>;
}

/** Tells runs of this process apart. */
let runs = 0;

/** A folder with jobs, and what is heard of them. */
export class Jobs implements Disposable {
  private readonly temp: TempFolder;
  /** The working folder. */
  readonly path: string;
  readonly run: string = `t${process.pid}-${Date.now() % 1e6}-${++runs}`;
  /** What was told, in order. */
  readonly told: string[] = [];
  readonly ids: Map<string, string> = new Map();
  readonly warnings: string[] = [];
  readonly listener: LauncherListener;
  readonly place: LauncherPlace;
  private readonly ends = new Map<string, JobEnd>();
  private waiting: (() => void)[] = [];
  private count = 0;

  constructor(after: LauncherPlace["after"] = realAfter) {
    this.temp = tempFolder();
    this.path = `${fs.realpathSync(this.temp.path)}/w o'rk`;
    fs.mkdirSync(this.path);
    this.place = { run: this.run, folder: `${this.path}/scripts`, cwd: this.path, after };
    this.listener = {
      submitting: (jobs) => this.note(`submitting ${jobs.map(({ name }) => this.short(name))}`),
      submitted: (job, id) => {
        this.ids.set(job.name, id);
        this.note(`submitted ${this.short(job.name)}`);
      },
      ended: (job, end) => {
        if (this.ends.has(job.name)) throw new Error(`the end of ${job.name} is told twice`);
        this.ends.set(job.name, end);
        this.note(`ended ${this.short(job.name)}`);
      },
      warned: (message) => {
        this.warnings.push(message);
      },
    };
  }

  /** A job that runs a command. */
  job(command: readonly string[], { resources = {}, cwd = this.path, input = {} }: JobOptions = {}): Job {
    const number = ++this.count;
    const folder = `${this.path}/jobs/${number}`;
    fs.mkdirSync(folder, { recursive: true });
    return {
      name: `runner-${this.run}-${number}`,
      folder,
      command: command as [string, ...string[]],
      cwd,
      fields: {
        task: "compute",
        key: "ab".repeat(20),
        attempt: 1,
        run: this.run,
        label: "far",
        input,
      },
      resources,
      size: 1,
    };
  }

  /** A job that runs a line of shell. */
  shell(line: string, options?: JobOptions): Job {
    return this.job(["sh", "-c", line], options);
  }

  /** The end of a job, when it is there. */
  async end(job: Job): Promise<JobEnd> {
    while (!this.ends.has(job.name)) await new Promise<void>((wake) => this.waiting.push(wake));
    return this.ends.get(job.name)!;
  }

  /** Whether the end of a job was told. */
  hasEnded(job: Job): boolean {
    return this.ends.has(job.name);
  }

  /** What a file of the working folder holds. */
  read(file: string): string {
    return fs.readFileSync(`${this.path}/${file}`, "utf8");
  }

  /** What a job printed. */
  out(job: Job): string {
    return fs.readFileSync(`${job.folder}/out.txt`, "utf8");
  }

  /** Resolves when a file of the working folder has something in it; gives that. */
  async filled(file: string): Promise<string> {
    const path = `${this.path}/${file}`;
    await until(file, () => fs.existsSync(path) && fs.readFileSync(path, "utf8").endsWith("\n"));
    return this.read(file).trim();
  }

  private short(name: string): string {
    return name.split("-").at(-1)!;
  }

  private note(line: string): void {
    this.told.push(line);
    for (const wake of this.waiting.splice(0)) wake();
  }

  [Symbol.dispose](): void {
    this.temp[Symbol.dispose]();
  }
}

/** The real clock. */
export const realAfter: LauncherPlace["after"] = (millis, callback) => {
  const timer = setTimeout(callback, millis);
  return () => clearTimeout(timer);
};

/** Closes a launcher, and fails if it or anything of it is left. */
export async function closed(launcher: Launcher): Promise<void> {
  const left = await launcher.close();
  if (left.length > 0) throw new Error(`left: ${left.join(", ")}`);
  await until("no child processes", () => childrenOf(process.pid).size === 0);
}

/** The history of runs in a SQLite file, which may be deleted, damaged or locked without hurting a run. */
import fs from "node:fs";
import { resolve } from "node:path";
import { HistoryError, inDatabase } from "./database.ts";
import type { Durations, History, RunRecord } from "./history.ts";
import { writeRun } from "./write.ts";

/** How long another process is waited for, in milliseconds; to note a large run takes a fifth of a second. */
const WAIT = 2_000;

/** How the history behaves. */
export interface HistoryOptions {
  /** How long another process that writes is waited for, in milliseconds. */
  readonly wait?: number;
}

/** Opens the history in a file; nothing is read, loaded or made before it is needed. */
export function openHistory(file: string, options: HistoryOptions = {}): History {
  return new SqliteHistory(resolve(file), options.wait ?? WAIT);
}

class SqliteHistory implements History {
  private readonly warned: string[] = [];
  unwritten: string | undefined;

  constructor(private readonly file: string, private readonly wait: number) {}

  durations(): Durations {
    const task = new Map<string, number>();
    const call = new Map<string, number>();
    if (fs.existsSync(this.file)) {
      this.attempt(
        "so nothing is known of how long tasks take",
        () =>
          inDatabase(this.file, "read", this.wait, (database) => {
            const rows = (sql: string) =>
              database.prepare(sql).all() as unknown as { name: string; millis: number }[];
            for (const { name, millis } of rows("select name, millis from task where millis is not null")) {
              task.set(name, millis);
            }
            for (const { name, millis } of rows("select name, millis from call")) call.set(name, millis);
          }),
      );
    }
    return { task, call };
  }

  record(run: RunRecord): void {
    const write = () => inDatabase(this.file, "write", this.wait, (database) => writeRun(database, run));
    const again = (error: unknown): boolean => {
      const trouble = error instanceof HistoryError ? error.trouble : undefined;
      if (trouble === "damaged") this.setAside((error as HistoryError).message);
      return trouble === "damaged" || trouble === "moved";
    };
    this.attempt("so this run is not in the history", () => {
      try {
        write();
        // Deleted just then, it has taken the run with it.
        if (!fs.existsSync(this.file)) write();
      } catch (error) {
        if (!again(error)) throw error;
        write();
      }
    });
  }

  close(): void {
    // Nothing is held open between calls.
  }

  warnings(): readonly string[] {
    return this.warned;
  }

  /** Does what may fail; the first failure is told. */
  private attempt(consequence: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (error instanceof HistoryError && error.trouble === "moved") return;
      if (error instanceof HistoryError && error.trouble === "full") this.unwritten = error.message;
      this.warn(`${(error as Error).message}, ${consequence}`);
    }
  }

  private warn(text: string): void {
    if (this.warned.length === 0) this.warned.push(text);
  }

  /** Makes room for a new file. The journal goes first: it would be played back into the new file. */
  private setAside(problem: string): void {
    fs.rmSync(`${this.file}-journal`, { force: true });
    fs.renameSync(this.file, `${this.file}.damaged`);
    // What was said of it before was less.
    this.warned.length = 0;
    this.warn(`${problem}; it is kept as ${this.file}.damaged, and a new one begins with this run`);
  }
}

/**
 * Runs that are under way, as files, so that other programs can see them, ask them to stop, and take up what was cut off:
 * `<state>/runs/<run>/run.json`, which goes when the run ends well.
 */
import { EnvironmentError } from "../model/failure.ts";
import { node } from "../runtime/builtin.ts";
import { isSameProcess, processStart } from "../runtime/processes.ts";
import { program } from "../runtime/program.ts";

/** What is noted of a run. */
export interface RunRecord {
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  /** When the process began, as its machine tells; empty where it does not. */
  readonly process: string;
  /** Unix time in milliseconds. */
  readonly began: number;
  readonly cwd: string;
  /** The words behind `runner` that started it; `undefined` when a program did that uses the library. */
  readonly args: readonly string[] | undefined;
  /** The folder with the jobs that it has sent elsewhere. */
  readonly jobs: string;
  /** The folder of the leases that it may hold; `undefined` when there is none. */
  readonly leases: string | undefined;
  /** What it is to do, by which another run is known that has done the same. */
  readonly work?: { readonly wanted: string; readonly forced: boolean | readonly string[] };
  /** The run that it goes on with. */
  readonly resumes?: string;
  /** How it ended; absent while it runs, and when it was cut off. `done`: not by itself, another run has done its work. */
  readonly ended?: "failed" | "cancelled" | "done";
  /** When it ended, Unix time in milliseconds; absent as long as `ended` is. */
  readonly over?: number;
  /** The run that has done its work. */
  readonly by?: string;
}

/** The file of a run's record. */
const RECORD = "run.json";
/** The file by which a run is asked to stop. */
const CANCEL = "cancel";
/** How often a run looks whether it is to stop, in milliseconds. */
const LOOK = 500;
/**
 * Once in so many times it shows that it is alive, and the first so many times each time: the time of its file is what tells how
 * long a run went on that was cut off.
 */
const SIGN = 10;

/** A record that is kept while a run goes on. */
export interface OpenRecord {
  /** Why it could not be written, if so: then nobody sees the run. */
  readonly unwritten: string | undefined;
  /** Listens to whoever asks the run to stop; `hard`: at once. */
  onCancel(cancel: (hard: boolean) => void): void;
  /** The run is over; returns why that could not be noted, if so: then the record is gone. */
  close(ended: "ok" | "failed" | "cancelled"): string | undefined;
}

/** Notes that a run has begun. */
export function openRecord(
  folder: string,
  about: Omit<RunRecord, "host" | "pid" | "process" | "ended" | "over" | "by">,
  after: (millis: number, callback: () => void) => () => void,
): OpenRecord {
  const record: RunRecord = {
    ...about,
    host: program.hostname(),
    pid: program.pid,
    process: processStart(program.pid),
  };
  const file = node.path.join(folder, RECORD);
  const unwritten = problemOf(() => writeRecord(file, record));
  let listener: ((hard: boolean) => void) | undefined;
  let callOff = (): void => {};
  let looks = 0;
  const look = (): void => {
    callOff = after(LOOK, look);
    if (++looks <= SIGN || looks % SIGN === 0) showLife(file);
    let hard: string;
    try {
      hard = node.fs.readFileSync(node.path.join(folder, CANCEL), "utf8");
    } catch {
      return;
    }
    node.fs.rmSync(node.path.join(folder, CANCEL), { force: true });
    listener?.(hard.startsWith("now"));
  };
  callOff = after(LOOK, look);
  return {
    unwritten,
    onCancel: (cancel) => listener = cancel,
    close: (ended) => {
      callOff();
      node.fs.rmSync(node.path.join(folder, CANCEL), { force: true });
      if (ended !== "ok") return closeRecord(file, { ...record, ended, over: Date.now() });
      node.fs.rmSync(file, { force: true });
      try {
        node.fs.rmdirSync(folder);
      } catch {
        // There are logs in it.
      }
      return undefined;
    },
  };
}

/** The runs that a folder of state knows of, the oldest first. */
export function readRecords(state: string): RunRecord[] {
  let names: string[];
  try {
    names = node.fs.readdirSync(node.path.join(state, "runs")).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const record = readRecord(state, name);
    return record === undefined ? [] : [record];
    // Names tell no more than the second.
  }).sort((a, b) => a.began - b.began);
}

/** One run; `undefined` when nothing is known of it. */
export function readRecord(state: string, run: string): RunRecord | undefined {
  try {
    return JSON.parse(node.fs.readFileSync(node.path.join(state, "runs", run, RECORD), "utf8")) as RunRecord;
  } catch {
    return undefined;
  }
}

/** What has become of a run: on another host nobody can tell a run that goes on from one that was cut off. */
export function stateOfRun(
  record: RunRecord,
): "running" | "cut off" | "elsewhere" | "failed" | "cancelled" | "done" {
  if (record.ended !== undefined) return record.ended;
  if (record.host !== program.hostname()) return "elsewhere";
  return isSameProcess(record.pid, record.process) ? "running" : "cut off";
}

/** Whether no other run is under way beside the one with these logs: `<state>/runs/<run>`. */
export function isAlone(logs: string): boolean {
  const { dirname, basename } = node.path;
  return readRecords(dirname(dirname(logs))).every((record) =>
    record.run === basename(logs) || !["running", "elsewhere"].includes(stateOfRun(record))
  );
}

/**
 * Notes of a run that it is over: nothing is left of it, or another has taken up its work, or done it.
 *
 * @throws {EnvironmentError} when that cannot be written.
 */
export function markOver(
  state: string,
  record: RunRecord,
  ended: "failed" | "cancelled" | "done",
  by?: string,
): void {
  if (ended !== "done" && stateOfRun(record) !== "cut off") return;
  const over = lastSeen(state, record);
  writeRecord(node.path.join(state, "runs", record.run, RECORD), {
    ...record,
    ended,
    over,
    ...(by !== undefined && { by }),
  });
}

/** When a run was last known to be under way, Unix time in milliseconds: of one whose process is not here, by what it has left. */
export function lastSeen(state: string, record: RunRecord): number {
  if (record.over !== undefined) return record.over;
  if (stateOfRun(record) === "running") return Date.now();
  const signs = [
    node.path.join(state, "runs", record.run),
    node.path.join(state, "runs", record.run, RECORD),
    node.path.join(record.jobs, "alive"),
    node.path.join(record.jobs, "journal.jsonl"),
  ];
  const times = signs.map((path) => {
    try {
      return node.fs.statSync(path).mtimeMs;
    } catch {
      return 0;
    }
  });
  return Math.max(record.began, ...times);
}

/** Asks a run to stop. */
export function askToStop(state: string, run: string, hard: boolean): void {
  node.fs.writeFileSync(node.path.join(state, "runs", run, CANCEL), hard ? "now\n" : "please\n");
}

/** The state may have been deleted while the run went on: then nobody asks. A record that cannot be closed would tell of a run that was cut off. */
function closeRecord(file: string, record: RunRecord): string | undefined {
  if (!node.fs.existsSync(file)) return undefined;
  const problem = problemOf(() => writeRecord(file, record));
  if (problem !== undefined) node.fs.rmSync(file, { force: true });
  return problem;
}

/** What is wrong when something cannot be done. */
function problemOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function showLife(file: string): void {
  const now = new Date();
  try {
    node.fs.utimesSync(file, now, now);
  } catch {
    // It was deleted, or may not be touched: then other signs have to do.
  }
}

/** Writes a record, whole; where there is no room for another file, over the one that is there, which has its room. */
function writeRecord(file: string, record: RunRecord): void {
  const text = `${JSON.stringify(record, undefined, 2)}\n`;
  try {
    node.fs.mkdirSync(node.path.dirname(file), { recursive: true });
    node.fs.writeFileSync(`${file}~`, text);
    node.fs.renameSync(`${file}~`, file);
  } catch (error) {
    node.fs.rmSync(`${file}~`, { force: true });
    if (problemOf(() => overwrite(file, text)) === undefined) return;
    throw new EnvironmentError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

function overwrite(file: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const open = node.fs.openSync(file, "r+");
  try {
    if (node.fs.writeSync(open, bytes) < bytes.length) throw new Error("there is no room for all of it");
    node.fs.ftruncateSync(open, bytes.length);
  } finally {
    node.fs.closeSync(open);
  }
}

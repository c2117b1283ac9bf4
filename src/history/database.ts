/** The file of the history: a SQLite database, opened for a moment and closed again. */
import fs from "node:fs";
import process from "node:process";
import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";

/** The version of the tables; a file with a higher one was written by a newer release. */
const FORMAT = 1;
/** What tells our files from other SQLite files: "rnnr". */
const APPLICATION = 0x726e6e72;

const TABLES = `
  create table run (
    id integer primary key, run text not null, started integer not null, ended integer not null, command text,
    status text not null, stats text not null, rows integer not null default 0
  );
  create table node (
    run integer not null, n integer not null, call text not null, task text not null, key text not null,
    validity text, state text not null, started integer not null, millis real not null,
    attempts integer not null, causes text, error text, primary key (run, n)
  ) without rowid;
  create table call (name text primary key, millis real not null, seen integer not null) without rowid;
  create table task (
    name text primary key, millis real, succeeded integer not null, failed integer not null, seen integer not null
  ) without rowid;
`;

/** The history's file in a state folder. */
export function historyFile(state: string): string {
  return resolve(state, "history.db");
}

/** What is wrong with a file of a history. */
export type Trouble = "damaged" | "newer" | "foreign" | "locked" | "moved" | "full" | "unavailable";

/** The error of a history that cannot be used. */
export class HistoryError extends Error {
  /** The name of this class. */
  override readonly name = "HistoryError";
  /** Takes what is wrong, and the text for people. */
  constructor(readonly trouble: Trouble, message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/**
 * Opens the file, does something with it in one transaction, and closes it.
 *
 * A file that is open for a moment only may be deleted at any time. It has a rollback journal, no write-ahead log:
 * nothing stays beside it that would be taken for part of another file once it has been deleted, and it works on
 * network file systems. `synchronous = normal` waits for the disk twice a transaction, so that a power cut may cost
 * the last run, never the file.
 *
 * @param wait how long another process is waited for, in milliseconds.
 * @throws {HistoryError}
 */
export function inDatabase<Value>(
  file: string,
  mode: "read" | "write",
  wait: number,
  act: (database: DatabaseSync) => Value,
): Value {
  let database: DatabaseSync | undefined;
  try {
    if (mode === "write") fs.mkdirSync(dirname(file), { recursive: true });
    database = new (sqlite().DatabaseSync)(file);
    database.exec(`pragma busy_timeout = ${wait}; pragma synchronous = normal`);
    // A reader that would become a writer could meet another one that wants the same: writers say so at once.
    database.exec(mode === "write" ? "begin immediate" : "begin");
    const fresh = checkFormat(database, file);
    if (fresh && mode === "write") {
      database.exec(
        `${TABLES}; pragma application_id = ${APPLICATION}; pragma user_version = ${FORMAT}`,
      );
    }
    if (fresh && mode === "read") throw new HistoryError("moved", `${file} is empty`);
    const value = act(database);
    database.exec("commit");
    return value;
  } catch (error) {
    throw error instanceof HistoryError ? error : troubleOf(error as Error, file);
  } finally {
    try {
      // An open transaction is rolled back by this.
      database?.close();
    } catch {
      // It was never opened.
    }
  }
}

/** Whether a file has no tables yet; refuses those that are not ours to write. */
function checkFormat(database: DatabaseSync, file: string): boolean {
  const number = (pragma: string) =>
    Number(Object.values(database.prepare(`pragma ${pragma}`).get() ?? { none: 0 })[0]);
  const [version, application] = [number("user_version"), number("application_id")];
  if (version === FORMAT && application === APPLICATION) return false;
  if (application === APPLICATION) {
    throw new HistoryError("newer", `${file} was written by a newer release of runner`);
  }
  const { tables } = database.prepare("select count(*) as tables from sqlite_schema").get()!;
  if (version === 0 && application === 0 && tables === 0) return true;
  throw new HistoryError("foreign", `${file} is another program's database`);
}

/** SQLite, loaded when it is needed: that takes 2 ms. */
function sqlite(): typeof import("node:sqlite") {
  try {
    const module = process.getBuiltinModule("node:sqlite") as typeof import("node:sqlite") | undefined;
    if (module !== undefined) return module;
  } catch {
    // Said below.
  }
  throw new HistoryError("unavailable", "this runtime has no SQLite");
}

/** What an error of SQLite means. Codes are not always told, texts are. */
function troubleOf(error: Error, file: string): HistoryError {
  const { message } = error;
  if (/not a database|malformed|corrupt|no such (?:table|column)|has no column/i.test(message)) {
    return new HistoryError("damaged", `${file} is damaged (${message})`, error);
  }
  if (/is locked|is busy/i.test(message)) {
    return new HistoryError("locked", `${file} is locked by another program`, error);
  }
  if (/disk is full|no space left/i.test(message)) {
    return new HistoryError("full", `${file} cannot be written: ${message}`, error);
  }
  if (/readonly|disk I\/O/i.test(message) && !fs.existsSync(file)) {
    return new HistoryError("moved", `${file} was deleted meanwhile`, error);
  }
  return new HistoryError("unavailable", `${file}: ${message}`, error);
}

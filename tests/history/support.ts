/** Runs to be noted, and a look into the file. */
import { DatabaseSync } from "node:sqlite";
import type { NodeRecord, RunRecord } from "../../src/history/history.ts";
import { tempFolder } from "../support/temp.ts";

/** A call that ran. */
export function node(call: string, changes: Partial<NodeRecord> = {}): NodeRecord {
  return {
    call,
    task: call.replace(/[(:].*/, ""),
    key: `key-${call}`,
    state: "succeeded",
    started: 1_000,
    millis: 100,
    attempts: 1,
    causes: undefined,
    ...changes,
  };
}

/** A run of these calls. */
export function run(
  id: string,
  nodes: readonly NodeRecord[] = [],
  changes: Partial<RunRecord> = {},
): RunRecord {
  const failed = nodes.filter(({ state }) => state === "failed").length;
  return {
    run: id,
    started: Date.UTC(2026, 0, 2, 3, 4, 5),
    ended: Date.UTC(2026, 0, 2, 3, 4, 6, 500),
    status: failed > 0 ? "failed" : "ok",
    stats: {
      nodes: nodes.length,
      ran: nodes.length - failed,
      upToDate: 0,
      failed,
      skipped: 0,
      notRun: 0,
      seconds: 1.5,
      ranByTask: {},
      abandoned: 0,
    },
    nodes,
    ...changes,
  };
}

/** A state folder, and its database as rows. */
export class State implements Disposable {
  private readonly folder = tempFolder();
  readonly path: string = this.folder.path;
  readonly file: string = `${this.path}/history.db`;

  /** Asks the database. */
  rows(sql: string): Record<string, unknown>[] {
    const database = new DatabaseSync(this.file);
    try {
      return database.prepare(sql).all().map((row) => ({ ...row }));
    } finally {
      database.close();
    }
  }

  /** Changes the database behind the history's back. */
  change(sql: string): void {
    const database = new DatabaseSync(this.file);
    database.exec(sql);
    database.close();
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

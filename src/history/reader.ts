/** What can be asked of the history later: runs, a task's past, calls that end now so, now so. */
import fs from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { inDatabase } from "./database.ts";
import type { FlakyCall, PastNode, PastRun, PastTask } from "./history.ts";

/** How long a run that is being noted is waited for, in milliseconds. */
const WAIT = 5_000;

type Row = Record<string, unknown>;

/** Asks a history. Every method throws a `HistoryError` when the file cannot be read. */
export class HistoryReader {
  /** Takes the file. */
  constructor(readonly file: string) {}

  /** Whether there is anything to ask. */
  exists(): boolean {
    return fs.existsSync(this.file) && fs.statSync(this.file).size > 0;
  }

  /** The runs that began last, the latest first. */
  runs(limit: number): PastRun[] {
    return this.ask((database) =>
      database.prepare("select * from run order by started desc, id desc limit ?").all(limit).map(pastRun)
    );
  }

  /** All tasks, those that ran last first. */
  tasks(): PastTask[] {
    return this.ask((database) =>
      database.prepare("select name, millis, succeeded, failed from task order by seen desc, name").all()
        .map((row) => ({
          task: String(row["name"]),
          millis: optional(row["millis"]) as number | undefined,
          succeeded: Number(row["succeeded"]),
          failed: Number(row["failed"]),
        }))
    );
  }

  /**
   * The latest calls of tasks, or calls that a name or a glob means, by their names or with their inputs, newest first, with the
   * run of each.
   */
  past(pattern: string, tasks: readonly string[], limit: number): (PastNode & { readonly run: string })[] {
    // To SQLite brackets are a class of characters; in names they stand for themselves.
    const glob = pattern.replaceAll("[", "[[]");
    return this.ask((database) =>
      database.prepare(
        `select node.*, run.run as run_name from node join run on run.id = node.run
         where node.task in (select value from json_each(:tasks)) or node.call glob :glob or node.call glob :glob || '(*'
         order by node.run desc, node.started desc, node.n limit :limit`,
      ).all({ tasks: JSON.stringify(tasks), glob, limit }).map((row) => ({
        ...pastNode(row),
        run: String(row["run_name"]),
      }))
    );
  }

  /** The calls that ran in a run. */
  nodes(run: string): PastNode[] {
    return this.ask((database) =>
      database.prepare(
        "select * from node where run = (select max(id) from run where run = ?) order by n",
      ).all(run).map(pastNode)
    );
  }

  /** Calls that ended in different ways with the same key, or needed another attempt; those that failed most first. */
  flaky(limit: number): FlakyCall[] {
    return this.ask((database) =>
      database.prepare(
        `select call, task, key, sum(state = 'succeeded') as succeeded,
           sum(state in ('failed', 'timed-out')) as failed,
           sum(state = 'succeeded' and attempts > 1) as retried, max(error) as error
         from node where state in ('succeeded', 'failed', 'timed-out') group by key, validity
         having (succeeded > 0 and failed > 0) or retried > 0
         order by failed + retried desc, call limit ?`,
      ).all(limit).map((row) => ({
        call: String(row["call"]),
        task: String(row["task"]),
        key: String(row["key"]),
        succeeded: Number(row["succeeded"]),
        failed: Number(row["failed"]),
        retried: Number(row["retried"]),
        error: optional(row["error"]) as string | undefined,
      }))
    );
  }

  private ask<Value>(question: (database: DatabaseSync) => Value): Value {
    return inDatabase(this.file, "read", WAIT, question);
  }
}

function optional(value: unknown): unknown {
  return value ?? undefined;
}

function pastRun(row: Row): PastRun {
  return {
    run: String(row["run"]),
    started: Number(row["started"]),
    ended: Number(row["ended"]),
    command: optional(row["command"]) as string | undefined,
    status: row["status"] as PastRun["status"],
    stats: JSON.parse(String(row["stats"])) as PastRun["stats"],
  };
}

function pastNode(row: Row): PastNode {
  return {
    call: String(row["call"]),
    task: String(row["task"]),
    key: String(row["key"]),
    state: row["state"] as PastNode["state"],
    started: Number(row["started"]),
    millis: Number(row["millis"]),
    attempts: Number(row["attempts"]),
    causes: optional(row["causes"]) as string | undefined,
    error: optional(row["error"]) as string | undefined,
  };
}

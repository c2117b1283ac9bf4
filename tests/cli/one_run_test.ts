/** How `cancel`, `resume` and `history compare` let a person name a run. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import { HELP as CANCEL_HELP } from "../../src/cli/commands/cancel.ts";
import { HISTORY_HELP } from "../../src/cli/commands/history.ts";
import { HELP as RESUME_HELP } from "../../src/cli/commands/resume.ts";
import { type FoundRun, oneRun } from "../../src/cli/one_run.ts";
import { idsNamed, RUN_NAMES, runsAgo } from "../../src/cli/run_names.ts";
import { openHistory } from "../../src/history/sqlite_history.ts";
import { processStart } from "../../src/runtime/processes.ts";
import { run as past, State } from "../history/support.ts";

/** Notes a run as it would note itself. */
function noted(state: State, run: string, began: number, more: Readonly<Record<string, unknown>> = {}): void {
  const folder = `${state.path}/runs/${run}`;
  fs.mkdirSync(folder, { recursive: true });
  const record = { run, began, host: os.hostname(), pid: Deno.pid, process: "gone", cwd: "/", jobs: "/none" };
  fs.writeFileSync(`${folder}/run.json`, JSON.stringify({ ...record, ...more }));
}

/** The run that is found, or what is said instead. */
function found(state: State, name: string, command: "cancel" | "resume"): string {
  const idOf = (one: FoundRun) => one.kind === "noted" ? one.record.run : `${one.run}, over`;
  try {
    return idOf(oneRun(state.path, [name], command));
  } catch (error) {
    return (error as Error).message.replaceAll(state.path, "<state>");
  }
}

Deno.test("a name is an id, one end of it, or how many runs ago", () => {
  const ids = ["2026-01-02-abc", "2026-01-03-abd", "2026"];
  const names = ["2026-01-02-abc", "2026-01-02", "abd", "2026-01", "2026", "x", ""];
  assertEquals(names.map((name) => idsNamed(name, ids)), [
    ["2026-01-02-abc"],
    ["2026-01-02-abc"],
    ["2026-01-03-abd"],
    ["2026-01-02-abc", "2026-01-03-abd"],
    ["2026"],
    [],
    [],
  ]);
  assertEquals(["last", "last-1", "last-12", "last-", "last-x", "lastly"].map(runsAgo), [
    0,
    1,
    12,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("last counts the runs that a command is for; without any, all there are", () => {
  using state = new State();
  assertEquals(
    found(state, "last-1", "resume"),
    'There is no run "last-1", nor any other, in <state>; --state names another folder',
  );
  noted(state, "r1-failed", 1, { ended: "failed" });
  noted(state, "r3-failed", 3, { ended: "failed" });
  openHistory(state.file).record(past("r2-past", [], { started: 2 }));
  for (const command of ["resume", "cancel"] as const) {
    assertEquals(
      ["last", "last-1", "last-2", "last-3"].map((name) => found(state, name, command)),
      ["r3-failed", "r2-past, over", "r1-failed", 'There is no run "last-3" in <state>: it knows 3 runs'],
    );
  }
  noted(state, "r4-cut", 4);
  noted(state, "r5-running", 5, { process: processStart(Deno.pid) });
  noted(state, "r6-cut", 6);
  noted(state, "r7-failed", 7, { ended: "failed" });
  const names = ["last", "last-1", "last-2"];
  assertEquals(names.map((name) => found(state, name, "cancel")), ["r6-cut", "r5-running", "r4-cut"]);
  assertEquals(names.map((name) => found(state, name, "resume")), [
    "r6-cut",
    "r4-cut",
    'There is no run "last-2"; these were cut off:\n    r4-cut (cut off)\n    r6-cut (cut off)',
  ]);
  const ends = ["r4", "running", "r2", "past", "cut", "r9"];
  assertEquals(ends.map((name) => found(state, name, "cancel")), [
    "r4-cut",
    "r5-running",
    "r2-past, over",
    "r2-past, over",
    '"cut" is the beginning or the end of several runs:\n    r4-cut (cut off)\n    r6-cut (cut off)',
    'There is no run "r9" in <state>; there are:\n    r1-failed (failed)\n    r3-failed (failed)\n    ' +
    "r4-cut (cut off)\n    r5-running (running)\n    r6-cut (cut off)\n    r7-failed (failed)",
  ]);
});

Deno.test("all commands that take a run say the same of its names", () => {
  for (const help of [HISTORY_HELP, CANCEL_HELP, RESUME_HELP]) assertStringIncludes(help, RUN_NAMES);
});

/** What is noted of runs for other programs: also of those that were cut off. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { lastSeen, markOver, readRecord, type RunRecord, stateOfRun } from "../../src/store/run_record.ts";
import { tempFolder } from "../support/temp.ts";

Deno.test("a run that was cut off was last seen when it last left a sign, until it is noted to be over", () => {
  using folder = tempFolder();
  const state = folder.path;
  const record: RunRecord = {
    run: "r",
    host: os.hostname(),
    pid: process.pid,
    // Another process had this number.
    process: "1",
    began: 1_000_000,
    cwd: state,
    args: ["run", "p.ts"],
    jobs: `${state}/jobs`,
    leases: undefined,
  };
  for (const path of [`${state}/runs/r`, record.jobs]) fs.mkdirSync(path, { recursive: true });
  fs.writeFileSync(`${state}/runs/r/run.json`, JSON.stringify(record));
  fs.writeFileSync(`${record.jobs}/alive`, "");
  fs.utimesSync(`${state}/runs/r`, 2_000, 2_000);
  fs.utimesSync(`${record.jobs}/alive`, 3_000, 3_000);
  assertEquals([stateOfRun(record), lastSeen(state, record)], ["cut off", 3_000_000]);
  markOver(state, record, "cancelled");
  const noted = readRecord(state, "r")!;
  assertEquals([stateOfRun(noted), lastSeen(state, noted)], ["cancelled", 3_000_000]);
  markOver(state, noted, "failed");
  assertEquals(readRecord(state, "r")!.ended, "cancelled");
});

/** What a folder of state knows of runs: whether one is alone, and until when one went on that was cut off. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { isAlone, lastSeen, openRecord, readRecord } from "../../src/store/run_record.ts";
import { tempFolder } from "../support/temp.ts";

/** What is said of a run that begins at 0. */
const aboutIn = (folder: string) => (run: string) => ({
  run,
  began: 0,
  cwd: folder,
  args: undefined,
  jobs: `${folder}/jobs`,
  leases: undefined,
});

Deno.test("a run is alone unless another that is under way has a record beside it", () => {
  using temp = tempFolder();
  const about = aboutIn(temp.path);
  const never = () => () => {};
  const logs = (run: string) => `${temp.path}/runs/${run}`;
  assertEquals(isAlone(logs("a")), true);
  const a = openRecord(logs("a"), about("a"), never);
  assertEquals(isAlone(logs("a")), true);
  const b = openRecord(logs("b"), about("b"), never);
  assertEquals([isAlone(logs("a")), isAlone(logs("b"))], [false, false]);
  // One that has failed leaves its record; it is over all the same.
  b.close("failed");
  assertEquals(isAlone(logs("a")), true);
  a.close("ok");
});

Deno.test("a run shows from time to time that it is alive; of one that was cut off, that is how long it went on", () => {
  using temp = tempFolder();
  const logs = `${temp.path}/runs/a`;
  let look = (): void => {};
  const record = openRecord(logs, aboutIn(temp.path)("a"), (_millis, callback) => {
    look = callback;
    return () => {};
  });
  const file = `${logs}/run.json`;
  const age = (): void => {
    for (const path of [file, logs]) fs.utimesSync(path, 60, 60);
  };
  const shows = (): boolean => {
    age();
    look();
    return fs.statSync(file).mtimeMs > 60_000;
  };
  const shown = Array.from({ length: 40 }, (_, times) => shows() ? times + 1 : 0).filter((times) =>
    times > 0
  );
  assertEquals(shown, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40], "often at first, then seldom");
  // As if it had been killed then: no process is called so any more.
  age();
  const cut = { ...readRecord(temp.path, "a")!, process: "another" };
  assertEquals([lastSeen(temp.path, cut), lastSeen(temp.path, { ...cut, host: "far" })], [60_000, 60_000]);
  // What has been deleted meanwhile is not missed.
  fs.rmSync(temp.path, { recursive: true });
  for (let times = 0; times < 10; times++) look();
  record.close("failed");
});

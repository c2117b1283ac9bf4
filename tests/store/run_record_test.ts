/** Whether a run is alone among those that a folder of state knows of. */
import { assertEquals } from "@std/assert";
import { isAlone, openRecord } from "../../src/store/run_record.ts";
import { tempFolder } from "../support/temp.ts";

Deno.test("a run is alone unless another that is under way has a record beside it", () => {
  using temp = tempFolder();
  const about = (run: string) => ({
    run,
    began: 0,
    cwd: temp.path,
    args: undefined,
    jobs: `${temp.path}/jobs`,
    leases: undefined,
  });
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

import { assertRejects } from "@std/assert";
import { run, RunCancelled, task } from "runner";
import { tempFolder } from "../support/temp.ts";

const late = task("late start", () => 1);

for (const which of ["signal", "kill"] as const) {
  Deno.test(`a ${which} while a run opens its cache and sources is not lost`, async () => {
    using temp = tempFolder();
    const cancelling = new AbortController();
    const running = run(late(), {
      cache: `${temp.path}/cache`,
      state: temp.path,
      [which]: cancelling.signal,
    });
    cancelling.abort();
    await assertRejects(() => running, RunCancelled);
  });
}

/** What is made of jobs that are over and have brought nothing. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import type { Job, JobEnd } from "../../src/model/job.ts";
import { RunningJob } from "../../src/execute/jobs/running_job.ts";
import { concludeJob } from "../../src/execute/jobs/verdict.ts";
import { decode } from "../../src/model/codec/decode.ts";
import { tempFolder } from "../support/temp.ts";

/** Why the only attempt of a job failed, and in which words; `begun` says whether its process had got so far. */
function judged(
  end: Partial<JobEnd>,
  begun: boolean,
): readonly [reason: string | undefined, message: string] {
  using folder = tempFolder();
  if (begun) {
    fs.writeFileSync(`${folder.path}/claim`, JSON.stringify({ by: "run", host: "n1", pid: 1, id: "77" }));
  }
  const job: Job = {
    name: "runner-r-0",
    folder: folder.path,
    command: ["true"],
    cwd: folder.path,
    fields: { task: "one", key: "k", attempt: 1, run: "r", label: "far", input: {} },
    resources: {},
    size: 1,
  };
  const running = new RunningJob(job, 0, `${folder.path}/outbox`, 0, 0, 1);
  const all: JobEnd = { reason: undefined, exit: undefined, text: "it is over", command: undefined, ...end };
  const failed = concludeJob(running, all, 0).failed(0);
  return [failed?.reason, failed === undefined ? "" : (decode(failed.error) as Error).message];
}

Deno.test("what its queue has lost before it began is not the task's failure; all else that ends without a word is", () => {
  const reasons = [
    judged({ lost: true }, false),
    judged({ lost: true }, true),
    judged({}, false),
    judged({ exit: 0 }, false),
    judged({ exit: 1, reason: "exit" }, true),
    judged({ exit: 137 }, true),
    judged({ reason: "infra" }, true),
    judged({ reason: "cancelled" }, true),
  ].map(([reason]) => reason);
  assertEquals(reasons, ["infra", "crash", "crash", "crash", "exit", "crash", "infra", "cancelled"]);
});

Deno.test("a command that fails before it has started anything has failed by itself, unless there was none to be run", () => {
  const reasons = [
    judged({ exit: 1 }, false),
    judged({ exit: 1, reason: "exit" }, false),
    judged({ exit: 127, reason: "exit" }, false),
    judged({ exit: 1, reason: "exit", neverBegan: true }, false),
    judged({ exit: 137, reason: "crash" }, false),
  ].map(([reason]) => reason);
  assertEquals(reasons, ["infra", "infra", "exit", "exit", "crash"]);
});

Deno.test("a verdict says how far a job had got, and where", () => {
  assertStringIncludes(judged({ exit: 1 }, true)[1], "it had begun on host n1 and brought no result");
  assertStringIncludes(judged({ exit: 1 }, false)[1], "nothing began there");
  const asks = (end: Partial<JobEnd>) => judged(end, false)[1].includes("does the command start what is");
  const cancelled = { reason: "cancelled", exit: 0 } as const;
  assertEquals([{ exit: 0 }, { exit: 1 }, cancelled].map(asks), [true, false, false], "and what to look at");
});

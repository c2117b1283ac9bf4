import fs from "node:fs";
import { assertEquals } from "@std/assert";
import { type NodeFailure, run, type RunOptions } from "../../mod.ts";
import { besideProgram, everyWay, interleaved, lastLine, much, readsInput } from "../fixtures/output.ts";
import { timed, timedProcess } from "../fixtures/hazards.ts";
import { nothingLeft } from "../support/leaks.ts";
import { failuresOf } from "../support/outcome.ts";
import { fixture } from "../support/paths.ts";
import { lastLine as lastLineOf } from "../support/program.ts";
import { tempFolder } from "../support/temp.ts";

/** Runs tasks that all fail, and gives their failures by call. */
async function failed(target: unknown, options: RunOptions = {}): Promise<readonly NodeFailure[]> {
  using temp = tempFolder();
  const failures = await failuresOf(
    run(target, {
      cache: "none",
      state: temp.path,
      workers: 1,
      parallel: 2,
      onFailure: "keep-going",
      ...options,
    }),
  );
  await nothingLeft();
  return failures.toSorted((a, b) => a.call < b.call ? -1 : 1);
}

/** Holds that what `everyWay` prints is there. */
function allPrinted(failure: NodeFailure): void {
  assertEquals(
    failure.output.stdout,
    "log { a: [ 1, { b: 2 } ] }\ninfo x 5\ndebug\ngroup\n  inside\n{ dir: 1 }\nno end of line, bytes\n",
  );
  assertEquals(failure.output.stderr, "warn\nshown\ntext");
}

const PREFIXES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "whose streams the job has": ["env"],
  "that carries what the job prints": ["sh", "-c", '"$@" | cat', "sh"],
};

for (const [what, prefix] of Object.entries(PREFIXES)) {
  const prefixes = { [everyWay.worker.taskName]: prefix, [besideProgram.worker.taskName]: prefix };
  Deno.test(`behind a prefix ${what}: everything that is printed is caught, in order`, async () => {
    const [failure] = await failed(everyWay.worker(), { prefixes });
    allPrinted(failure!);
  });
}

Deno.test("behind a prefix: what programs print that a task starts is among what it prints itself", async () => {
  const [failure] = await failed(besideProgram.worker(), {
    prefixes: { [besideProgram.worker.taskName]: "env" },
  });
  assertEquals(failure!.output.stdout, "before\nthe program\nafter\n");
});

for (const kind of ["worker", "process", "inline"] as const) {
  Deno.test(`${kind}: everything that is printed is caught, in order`, async () => {
    const [failure] = await failed(everyWay[kind]());
    allPrinted(failure!);
  });
  Deno.test(`${kind}: a megabyte is caught whole`, async () => {
    using temp = tempFolder();
    const [failure] = await failuresOf(run(much[kind](), { cache: "none", state: temp.path, workers: 1 }));
    const file = failure!.output.files[0]!;
    const lines = fs.readFileSync(file, "utf8").split("\n");
    assertEquals(lines.length, 10_001);
    assertEquals(lines.at(-2), "9999".padStart(100, "."));
    assertEquals(failure!.output.stdout.endsWith(`${"9999".padStart(100, ".")}\n`), true);
  });
  if (kind === "process") continue;
  Deno.test(`${kind}: tasks that take turns on one thread are told apart`, async () => {
    using temp = tempFolder();
    const folder = temp.path;
    const failures = await failed([
      interleaved[kind]({ me: "a", other: "b", folder }),
      interleaved[kind]({ me: "b", other: "a", folder }),
    ]);
    assertEquals(
      failures.map(({ output }) => output.stdout).toSorted(),
      ["a", "b"].map((me) => [0, 1, 2].map((round) => `${me} ${round}\n${me} ${round} later\n`).join("")),
    );
  });
}

for (const kind of ["worker", "process"] as const) {
  Deno.test(`${kind}: the last line before an exit is there`, async () => {
    const [failure] = await failed(lastLine[kind]());
    assertEquals([failure!.reason, failure!.output.stdout], ["exit", "the last line"]);
  });
}

Deno.test("process: programs that a task starts find an empty input, and nothing of what the process is told", async () => {
  const [failure] = await failed(readsInput.process());
  assertEquals([failure!.error.message, failure!.output], ["0 1", { stdout: "", stderr: "", files: [] }]);
});

Deno.test("process: the last line before a busy loop is there", async () => {
  const [failure] = await failed(timedProcess.busy!());
  assertEquals([failure!.reason, failure!.output.stdout], ["timeout", "last words\n"]);
});

Deno.test("worker: a busy loop is abandoned and counted, the last line is there, the other tasks run", async () => {
  assertEquals(timed.busy!.taskName, "busy in worker with a timeout");
  using temp = tempFolder();
  // In a process of its own: only its end stops such a thread.
  const said = await lastLineOf<unknown>(fixture("busy.ts"), [temp.path]);
  assertEquals(said, {
    reason: "timeout",
    message: "the task has run past its timeout of 200 ms; the last line that it printed: last words",
    stdout: "last words\n",
    counted: 200,
    abandoned: 1,
  });
});

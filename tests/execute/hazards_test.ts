import fs from "node:fs";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type NodeFailure, run } from "../../mod.ts";
import {
  good,
  goodProcess,
  type Hazard,
  inline,
  inProcess,
  inWorker,
  meeting,
  meetingProcess,
  timedProcess,
} from "../fixtures/hazards.ts";
import { nothingLeft } from "../support/leaks.ts";
import { failuresOf } from "../support/outcome.ts";
import { fixture } from "../support/paths.ts";
import { tempFolder } from "../support/temp.ts";

/** How many good tasks run beside each bad one. */
const GOOD = 200;

/** Runs a bad task amid good ones, all of which must run once; gives its failure. */
async function amidGood(bad: Hazard, isolation: "worker" | "process"): Promise<NodeFailure> {
  using temp = tempFolder();
  const counter = `${temp.path}/counter`;
  const [fine, meet] = isolation === "worker" ? [good, meeting] : [goodProcess, meetingProcess];
  const some = (from: number) =>
    Array.from({ length: GOOD / 2 }, (_, index) => fine({ n: from + index, counter }));
  const [me, other] = [`${temp.path}/a`, `${temp.path}/b`];
  const failures = await failuresOf(run(
    // Whoever meets needs both of the two lanes: the pool must be whole again.
    [...some(0), bad(), ...some(GOOD / 2), meet({ me, other }), meet({ me: other, other: me })],
    { cache: "none", state: `${temp.path}/state`, workers: 2, onFailure: "keep-going" },
  ));
  const counted = fs.readFileSync(counter, "utf8").trim().split("\n").map(Number);
  assertEquals(counted.toSorted((a, b) => a - b), Array.from({ length: GOOD }, (_, n) => n));
  assertEquals(failures.length, 1);
  await nothingLeft();
  return failures[0]!;
}

/** The line of a fixture on which a text stands. */
function lineOf(text: string): number {
  return fs.readFileSync(fixture("hazards.ts"), "utf8").split("\n").findIndex((line) => line.includes(text)) +
    1;
}

interface Expected {
  readonly reason: NodeFailure["reason"];
  readonly name: string;
  readonly message: RegExp;
}
const error = (message: RegExp, name = "Error"): Expected => ({ reason: "error", name, message });
const EVERYWHERE: Readonly<Record<string, Expected>> = {
  throws: error(/^does not add up$/, "LedgerError"),
  throwsLater: error(/^later$/, "QuietError"),
  throwsText: error(/^something that is no Error was thrown: just a text$/),
  throwsNothing: error(/^something that is no Error was thrown: undefined$/),
  throwsObject: error(/^something that is no Error was thrown: \{"status":404\}$/),
  overflow: error(/call stack/i, "RangeError"),
  unclonable: { reason: "unclonable", name: "CodecError", message: /result\.rows\[1\]\.on/ },
};
const ISOLATED: Readonly<Record<string, Expected>> = {
  ...EVERYWHERE,
  rejection: error(/^nobody awaits me$/),
  rejectionWhileWaiting: error(/^nobody awaits me$/),
  callback: error(/^out of a callback$/),
  processExit: {
    reason: "exit",
    name: "Error",
    message: /^the task ended its (worker|process) with exit code 7$/,
  },
  processExitZero: {
    reason: "exit",
    name: "Error",
    message: /^the task ended its (worker|process) with exit code 0$/,
  },
  denoExit: {
    reason: "exit",
    name: "Error",
    message: /^the task ended its (worker|process) with exit code 3$/,
  },
  selfClose: {
    reason: "exit",
    name: "Error",
    message: /^the task ended its (worker|process) with exit code 0$/,
  },
  exitLater: {
    reason: "exit",
    name: "Error",
    message: /^the task ended its (worker|process) with exit code 9$/,
  },
};
const PROCESS: Readonly<Record<string, Expected>> = {
  ...ISOLATED,
  abort: { reason: "crash", name: "Error", message: /^the process was ended by SIGABRT/ },
  killed: { reason: "crash", name: "Error", message: /^the process was ended by SIGKILL/ },
};

/** Checks what is told of a failure. */
function check(failure: NodeFailure, expected: Expected): void {
  assertEquals(failure.reason, expected.reason);
  assertEquals(failure.error.name, expected.name);
  assertMatch(failure.error.message, expected.message);
  assertEquals(failure.output.stdout, "last words\n");
  assertEquals(failure.attempts, 1);
}

for (const [name, expected] of Object.entries(ISOLATED)) {
  Deno.test(`on a worker, amid ${GOOD} good tasks: ${name}`, async () => {
    check(await amidGood(inWorker[name]!, "worker"), expected);
  });
}
for (const [name, expected] of Object.entries(PROCESS)) {
  Deno.test(`in a process, amid ${GOOD} good tasks: ${name}`, async () => {
    check(await amidGood(inProcess[name]!, "process"), expected);
  });
}
for (const [name, expected] of Object.entries(EVERYWHERE)) {
  Deno.test(`on the main thread: ${name}`, async () => {
    using temp = tempFolder();
    const options = { cache: "none", state: temp.path } as const;
    const [failure] = await failuresOf(run(inline[name]!(), options));
    check(failure!, expected);
  });
}

Deno.test("in a process: heap exhaustion fails its task only", async () => {
  Deno.env.set("DENO_V8_FLAGS", "--max-old-space-size=100");
  try {
    const failure = await amidGood(inProcess.heap!, "process");
    check(failure, { reason: "oom", name: "Error", message: /^the process .*its heap was full.*memory/i });
    assertMatch(failure.output.stderr, /out of memory/i);
  } finally {
    Deno.env.delete("DENO_V8_FLAGS");
  }
});

Deno.test("in a process: a busy loop past its timeout is ended", async () => {
  const failure = await amidGood(timedProcess.busy!, "process");
  check(failure, {
    reason: "timeout",
    name: "TimeoutError",
    message: /^the task has run past its timeout of 200 ms; the last line that it printed: last words$/,
  });
});

for (const [kind, hazards] of Object.entries({ inWorker, inProcess, inline })) {
  Deno.test(`${kind}: an error comes with its stack, cause and data, and the line it was thrown at`, async () => {
    using temp = tempFolder();
    const options = { cache: "none", state: temp.path } as const;
    const [failure] = await failuresOf(run(hazards.throws!(), options));
    const { error, at } = failure!;
    const line = lineOf("// throws here");
    assertStringIncludes(error.stack!, `tests/fixtures/hazards.ts:${line}:`);
    assertEquals(at?.line, line);
    assert(at?.module.endsWith("/tests/fixtures/hazards.ts"));
    assertEquals((error.cause as Error).name, "RangeError");
    assertEquals((error.cause as Error).message, "a cause");
    const data = error as Error & { readonly entries: unknown; readonly code: unknown };
    assertEquals([data.entries, data.code], [new Map([["rent", 900]]), "E_LEDGER"]);
    const [later] = await failuresOf(run(hazards.throwsLater!(), options));
    assertEquals(later!.at?.line, lineOf("// throws later"));
  });
}

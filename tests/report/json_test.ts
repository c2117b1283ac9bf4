/** The reporter for programs. */
import { assertEquals } from "@std/assert";
import type { Cause } from "../../src/model/cause.ts";
import type { Transition } from "../../src/model/event.ts";
import { JsonReporter, jsonValue } from "../../src/report/json.ts";
import { STATS, transition } from "./support.ts";

/** What a reporter wrote, as objects. */
function written(tell: (reporter: JsonReporter) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  tell(new JsonReporter((text) => lines.push(text)));
  return lines.map((line) => {
    assertEquals(line.indexOf("\n"), line.length - 1, "one line an object");
    return JSON.parse(line);
  });
}

Deno.test("every event is one line with a version and a kind", () => {
  const moved = transition(3, "ready", "running");
  const error = new TypeError("no\nway", { cause: new Error("why") });
  Object.assign(error, { stack: "S" });
  const failure = {
    call: "c",
    task: "t",
    key: "k",
    reason: "error",
    attempts: 1,
    error,
    at: undefined,
    output: { stdout: "", stderr: "", files: [] },
  } as const;
  const lines = written((reporter) => {
    reporter.handle({ kind: "run-started", run: "r", time: 1, nodes: 2, workers: 3 });
    reporter.handle({ kind: "nodes-added", nodes: 4 });
    reporter.handle(moved);
    reporter.handle({ kind: "warning", message: "w" });
    reporter.handle({ kind: "node-failed", node: 1, failure });
    reporter.handle({ kind: "run-ended", run: "r", time: 9, stats: STATS });
    reporter.value(new Map([[1, "one"]]));
    reporter.value(undefined);
    reporter.error("RunFailed", "why");
  });
  const { cause, ...rest } = ((lines[4]!["failure"] as Record<string, unknown>)["error"]) as Record<
    string,
    unknown
  >;
  assertEquals(rest, { name: "TypeError", message: "no\nway", stack: "S" });
  assertEquals((cause as { message: string }).message, "why");
  lines.splice(4, 1);
  assertEquals(lines, [
    { v: 1, kind: "run-started", run: "r", time: 1, nodes: 2, workers: 3 },
    { v: 1, kind: "nodes-added", nodes: 4 },
    { v: 1, ...moved },
    { v: 1, kind: "warning", message: "w" },
    { v: 1, kind: "run-ended", run: "r", time: 9, stats: { ...STATS } },
    { v: 1, kind: "value", value: [[1, "one"]] },
    { v: 1, kind: "value", value: null },
    { v: 1, kind: "error", error: { name: "RunFailed", message: "why" } },
  ]);
});

Deno.test("causes are told as data with a text, once a node starts; functions and rules are not told", () => {
  let asked = 0;
  const moving = (from: "ready" | "running", to: "running" | "succeeded"): Transition => ({
    ...transition(3, from, to),
    get causes(): readonly Cause[] {
      asked++;
      return [{ kind: "file", path: "src/a.ts", change: "changed" }, { kind: "first" }];
    },
  });
  const lines = written((reporter) => {
    reporter.handle({
      kind: "run-started",
      run: "r",
      time: 1,
      nodes: 2,
      workers: 3,
      estimate: () => ({ millis: 1, known: 1 }),
    });
    reporter.handle(moving("ready", "running"));
    reporter.handle(moving("running", "succeeded"));
    reporter.handle({ kind: "node-skipped", node: 1, call: "c", why: "w" });
    reporter.handle({ kind: "outputs-restored", node: 1, call: "c", paths: ["a", "b"] });
    reporter.handle({ kind: "prompt-began", call: "c" });
    reporter.handle({ kind: "prompt-ended" });
    reporter.handle({
      kind: "node-failed",
      node: 1,
      failure: {
        call: "c",
        task: "t",
        key: "k",
        reason: "exit",
        attempts: 1,
        error: Object.assign(new Error("e"), { stack: "S" }),
        at: undefined,
        output: { stdout: "", stderr: "", files: [] },
        before: { error: Object.assign(new Error("f"), { stack: "T" }), files: ["l"] },
        logIgnore: [/x/],
      },
    });
  });
  assertEquals(asked, 1);
  assertEquals(lines, [
    { v: 1, kind: "run-started", run: "r", time: 1, nodes: 2, workers: 3 },
    {
      v: 1,
      ...transition(3, "ready", "running"),
      causes: [
        { kind: "file", path: "src/a.ts", change: "changed", text: "src/a.ts changed" },
        { kind: "first", text: "no earlier result" },
      ],
    },
    { v: 1, ...transition(3, "running", "succeeded") },
    { v: 1, kind: "node-skipped", node: 1, call: "c", why: "w" },
    { v: 1, kind: "outputs-restored", node: 1, call: "c", paths: ["a", "b"] },
    { v: 1, kind: "prompt-began", call: "c" },
    { v: 1, kind: "prompt-ended" },
    {
      v: 1,
      kind: "node-failed",
      node: 1,
      failure: {
        call: "c",
        task: "t",
        key: "k",
        reason: "exit",
        attempts: 1,
        output: { stdout: "", stderr: "", files: [] },
        error: { name: "Error", message: "e", stack: "S" },
        before: { error: { name: "Error", message: "f", stack: "T" }, files: ["l"] },
      },
    },
  ]);
});

Deno.test("an error that is its own cause is told all the same", () => {
  const error = new Error("round");
  error.cause = error;
  const [line] = written((reporter) =>
    reporter.handle({
      kind: "node-failed",
      node: 1,
      failure: {
        call: "c",
        task: "t",
        key: "k",
        reason: "error",
        attempts: 1,
        error,
        at: undefined,
        output: { stdout: "", stderr: "", files: [] },
      },
    })
  );
  assertEquals(line!["kind"], "node-failed");
});

Deno.test("values of all kinds as JSON", () => {
  const round: Record<string, unknown> = { name: "round" };
  round["self"] = round;
  const shared = { a: 1 };
  const cases: readonly (readonly [unknown, unknown])[] = [
    [undefined, undefined],
    [null, null],
    [true, true],
    [1.5, 1.5],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
    ["text", "text"],
    [12345678901234567890n, "12345678901234567890"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(NaN), null],
    [/a+/g, "/a+/g"],
    [[1, [2n]], [1, ["2"]]],
    [new Map<unknown, unknown>([[{ k: 1 }, new Set([1])]]), [[{ k: 1 }, [1]]]],
    [new Set([new Map([[1, 2]])]), [[[1, 2]]]],
    [new Uint8Array([1, 2]), [1, 2]],
    [new Float64Array([NaN, 0.5]), ["NaN", 0.5]],
    [new BigInt64Array([3n]), ["3"]],
    [new ArrayBuffer(3), "ArrayBuffer(3 bytes)"],
    [new DataView(new ArrayBuffer(3)), "DataView(3 bytes)"],
    [new TypeError("no"), { name: "TypeError", message: "no" }],
    [Object(3), 3],
    [Object("x"), "x"],
    [Object(false), false],
    [Object(7n), "7"],
    [{ a: { b: [undefined] } }, { a: { b: [undefined] } }],
    [round, { name: "round", self: "[circular]" }],
    [[shared, shared], [{ a: 1 }, { a: 1 }]],
    [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}')],
  ];
  for (const [value, json] of cases) assertEquals(jsonValue(value), json);
  let deep: unknown = 0;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assertEquals(JSON.stringify(jsonValue(deep)).includes("[too deep]"), true);
});

/** Two runs compared, and which calls are flaky. */
import { assertEquals } from "@std/assert";
import { compareRuns } from "../../src/history/compare.ts";
import type { NodeRecord, PastNode } from "../../src/history/history.ts";
import { HistoryReader } from "../../src/history/reader.ts";
import { openHistory } from "../../src/history/sqlite_history.ts";
import { node, run, State } from "./support.ts";

/** Calls as they were noted. */
const past = (...nodes: readonly NodeRecord[]): PastNode[] =>
  nodes.map((one) => ({ ...one, error: one.error }));

Deno.test("what differs: more than 20 % and 50 ms, keys, states, what ran in one only", () => {
  const before = past(
    node("a", { millis: 100 }),
    node("b", { millis: 1_000 }),
    node("c", { millis: 1_000 }),
    node("d", { millis: 100 }),
    node("e", { millis: 500 }),
    node("gone"),
    node("key", { key: "k1" }),
    node("broke", { millis: 1 }),
    node("cut…", { key: "same", millis: 10 }),
  );
  const now = past(
    node("a", { millis: 151 }),
    node("b", { millis: 1_200 }),
    node("c", { millis: 1_201 }),
    node("d", { millis: 150 }),
    node("e", { millis: 100 }),
    node("new"),
    node("key", { key: "k2" }),
    node("broke", { state: "failed", millis: 9_999 }),
    node("cut…", { key: "other", millis: 10 }),
    node("cut…", { key: "same", millis: 10 }),
  );
  assertEquals(compareRuns(before, now), {
    onlyBefore: ["gone"],
    onlyNow: ["cut…", "new"],
    slower: [{ call: "c", before: 1_000, now: 1_201 }, { call: "a", before: 100, now: 151 }],
    faster: [{ call: "e", before: 500, now: 100 }],
    keys: [{ call: "key", before: "k1", now: "k2" }],
    states: [{ call: "broke", before: "succeeded", now: "failed" }],
    both: 8,
  });
  const same = compareRuns(before, before);
  assertEquals([same.both, ...Object.values(same).slice(0, 6)], [9, [], [], [], [], [], []]);
});

Deno.test("flaky is what ends in different ways with the same key and the same code, or needs a retry", () => {
  using state = new State();
  const history = openHistory(state.file);
  history.record(run("a", [
    node("steady"),
    node("flaky", { state: "failed", error: "Error: now and then" }),
    node("fixed", { state: "failed", validity: "code 1" }),
    node("broken", { state: "failed" }),
    node("edited", { key: "k1", state: "timed-out" }),
    node("retried", { attempts: 2 }),
  ]));
  history.record(run("b", [
    node("steady"),
    node("flaky"),
    node("fixed", { validity: "code 2" }),
    node("broken", { state: "failed" }),
    node("edited", { key: "k2" }),
    node("retried"),
  ]));
  const flaky = (limit: number) => new HistoryReader(state.file).flaky(limit);
  assertEquals(flaky(10), [
    {
      call: "flaky",
      task: "flaky",
      key: "key-flaky",
      succeeded: 1,
      failed: 1,
      retried: 0,
      error: "Error: now and then",
    },
    {
      call: "retried",
      task: "retried",
      key: "key-retried",
      succeeded: 2,
      failed: 0,
      retried: 1,
      error: undefined,
    },
  ]);
  assertEquals(flaky(1).length, 1);
});

import { assertEquals } from "@std/assert";
import { Doubts } from "../../src/engine/doubts.ts";
import type { RunState } from "../../src/engine/run_state.ts";

/** A run of calls 0, 1, 2, …, as far as doubts look at one: those with odd numbers run elsewhere. */
function someRun() {
  const dropped: string[] = [];
  const run = {
    variantOf: (id: number) => ({
      sent: id % 2 === 1 ? {} : undefined,
      task: { isolation: "worker", permissions: undefined },
    }),
    node: (id: number) => ({ call: { task: { name: "t" }, key: `key ${id}` } }),
    validities: ["v0", "v1", "v2", "v3", "v4"],
    ports: {
      cache: {
        drop: (_task: string, key: string, validity: string) => void dropped.push(`${key} ${validity}`),
      },
    },
  };
  return { run: run as unknown as RunState, dropped };
}

/** From now on this process has had a child. */
function haveChild(): void {
  new Deno.Command("true").outputSync();
}

Deno.test("what has ended here when a run is asked to stop, or just before, is taken back if it may have started programs", () => {
  haveChild();
  const { run, dropped } = someRun();
  const doubts = new Doubts(run);
  assertEquals([0, 1, 2].map((node) => doubts.halved(node, undefined)), [false, false, false]);
  assertEquals(dropped, []);
  doubts.noteStop();
  assertEquals(dropped, ["key 0 v0", "key 2 v2"]);
  doubts.noteStop();
  assertEquals([3, 4].map((node) => doubts.halved(node, "as found out")), [false, true]);
  assertEquals(dropped, ["key 0 v0", "key 2 v2", "key 4 as found out"], "what it was stored under");
});

Deno.test("many ends in a short time are remembered at no cost that grows with them", () => {
  haveChild();
  const { run, dropped } = someRun();
  const doubts = new Doubts(run);
  for (let node = 0; node < 200_000; node += 2) doubts.halved(node, undefined);
  doubts.noteStop();
  assertEquals(dropped.at(-1), "key 199998 ");
});

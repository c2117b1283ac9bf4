/** Rooms: limits and amounts, reservations, rooms that others have; pools with lanes of their own, and packs. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { PASSES } from "../../src/schedule/rooms.ts";
import { newSchedule } from "../../src/schedule/state.ts";
import { step } from "../../src/schedule/step.ts";
import { evaluate } from "./oracle.ts";
import { drive } from "./drive.ts";
import { group, kinds, loose, node, starts, Subject, succeeded } from "./support.ts";
import { check, worlds } from "./world.ts";

const needs = (amount: number, room = "mem") => [[room, amount]] as const;

Deno.test("as many start as there is room for, and the next when one is done", () => {
  const subject = new Subject({ parallel: 9, groups: [group({ needs: needs(2) })] });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 5]] });
  deepStrictEqual(starts(subject.add(...loose(4))), ["0: 0", "1: 1"]);
  deepStrictEqual(starts(subject.succeed(1)), ["1: 2"]);
  deepStrictEqual(starts(subject.feed({ kind: "rooms-set", rooms: [["mem", 8]] })), ["2: 3"]);
});

Deno.test("room that one large node gives back is for as many small ones as fit", () => {
  const subject = new Subject({
    parallel: 9,
    groups: [group({ needs: needs(4), priority: 1 }), group({ needs: needs(1) })],
  });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 4]] });
  deepStrictEqual(starts(subject.add(node(), ...loose(6, { group: 1 }))), ["0: 0"]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1", "1: 2", "2: 3", "3: 4"]);
});

Deno.test("a node needs room everywhere; a room that nobody has set is without end", () => {
  const groups = [group({ needs: [["a", 1], ["b", 1], ["c", 99]] }), group({ needs: needs(1, "a") })];
  const subject = new Subject({ parallel: 9, groups });
  subject.feed({ kind: "rooms-set", rooms: [["a", 3], ["b", 1]] });
  deepStrictEqual(starts(subject.add(...loose(2), ...loose(2, { group: 1 }))), ["0: 0", "1: 2", "2: 3"]);
  deepStrictEqual(starts(subject.succeed(2)), []);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1"]);
});

Deno.test("what asks for more than there is runs alone", () => {
  const subject = new Subject({
    parallel: 9,
    groups: [group({ needs: needs(9) }), group({ needs: needs(1) })],
  });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 4]] });
  deepStrictEqual(starts(subject.add(node([], { group: 1 }), node())), ["0: 0"]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1"]);
  deepStrictEqual(starts(subject.add(node([], { group: 1 }))), []);
});

Deno.test("an attempt that waits for calls gives its room away, and has it again before it goes on", () => {
  const subject = new Subject({ parallel: 9, groups: [group({ needs: needs(1) })] });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 1]] });
  subject.add(node());
  deepStrictEqual(
    starts(
      subject.feed({ kind: "nodes-added", nodes: loose(2) }, { kind: "attempt-waits", node: 0, on: [1] }),
    ),
    ["1: 1"],
  );
  // What was waiting goes on before what has not begun.
  const effects = subject.feed(succeeded(1), { kind: "wait-over", node: 0 });
  deepStrictEqual(kinds(effects), ["resume 0"]);
  deepStrictEqual(starts(subject.succeed(0)).length, 1);
});

Deno.test("a large node is passed by a bounded number of times", () => {
  const property = fc.property(
    fc.integer({ min: 2, max: 8 }),
    fc.integer({ min: 1, max: 8 }),
    fc.array(fc.nat(7), { minLength: 400, maxLength: 400 }),
    (capacity, large, choices) => {
      const groups = [
        group({ needs: needs(1) }),
        group({ needs: needs(Math.min(large, capacity)) }),
      ];
      const state = newSchedule({ parallel: 99, policy: "keep-going", trace: false, order: "fifo" });
      const running: number[] = [];
      let passed = 0;
      let begun = false;
      const feed = (input: Parameters<typeof step>[1]) => {
        for (const effect of step(state, input)) {
          if (effect.kind !== "start") continue;
          running.push(...effect.nodes);
          if (effect.nodes.includes(capacity)) begun = true;
          else if (!begun && state.states.length > capacity) passed += effect.nodes.length;
        }
      };
      feed({ kind: "rooms-set", rooms: [["mem", capacity]] });
      feed({ kind: "groups-added", groups });
      feed({ kind: "nodes-added", nodes: loose(capacity) });
      feed({ kind: "nodes-added", nodes: [node([], { group: 1 })] });
      // Small ones come without end.
      for (const choice of choices) {
        if (begun) break;
        feed({ kind: "nodes-added", nodes: loose(2) });
        feed(succeeded(running.splice(choice % running.length, 1)[0]!));
      }
      ok(begun, "it never began");
      // Those that start in one act with the last one that was to pass.
      ok(passed <= PASSES + capacity, `${passed} have passed`);
    },
  );
  check(property, 100);
});

Deno.test("a room that others have is tried again when it is said to be open, and the run goes on till then", () => {
  const subject = new Subject({ parallel: 2, groups: [group({ needs: needs(1, "lic") }), group()] });
  subject.feed({ kind: "rooms-set", rooms: [["lic", 3]] });
  deepStrictEqual(starts(subject.add(node(), node())), ["0: 0", "1: 1"]);
  subject.succeed(1);
  deepStrictEqual(kinds(subject.feed({ kind: "room-refused", node: 0, room: "lic" })), []);
  strictEqual(subject.state.attempts.at(0), 0);
  deepStrictEqual(subject.states, ["ready", "succeeded"]);
  deepStrictEqual(kinds(subject.feed({ kind: "room-opened", room: "lic" })), ["start"]);
  deepStrictEqual(kinds(subject.succeed(0)), ["release 0", "end"]);
});

Deno.test("pools with lanes of their own take none of the others", () => {
  const groups = [group({ pool: "away" }), group()];
  const subject = new Subject({ parallel: 1, groups });
  subject.feed({ kind: "pools-set", pools: [["away", 3]] });
  deepStrictEqual(starts(subject.add(...loose(5), ...loose(2, { group: 1 }))), [
    "0: 0",
    "0: 5",
    "1: 1",
    "2: 2",
  ]);
  deepStrictEqual(starts(subject.succeed(1)), ["1: 3"]);
  deepStrictEqual(starts(subject.feed({ kind: "pools-set", pools: [["away", 4]] })), ["3: 4"]);
  deepStrictEqual(starts(subject.succeed(5)), ["0: 6"]);
});

Deno.test("an attempt on such a lane that waits makes room for another, and keeps its number", () => {
  const subject = new Subject({ parallel: 1, groups: [group({ pool: "away" })] });
  subject.feed({ kind: "pools-set", pools: [["away", 1]] });
  subject.add(node());
  deepStrictEqual(
    starts(
      subject.feed({ kind: "nodes-added", nodes: loose(2) }, { kind: "attempt-waits", node: 0, on: [1] }),
    ),
    ["1: 1"],
  );
  deepStrictEqual(kinds(subject.feed(succeeded(1), { kind: "wait-over", node: 0 })), [
    "resume 0",
  ]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 2"]);
});

Deno.test("packs: as many as are said, of one group, with one share of room", () => {
  const pack = { count: 3, millis: Infinity };
  const groups = [group({ pool: "away", pack, needs: needs(1) }), group({ pool: "away", pack })];
  const subject = new Subject({ parallel: 1, groups });
  subject.feed({ kind: "pools-set", pools: [["away", Infinity]] }, {
    kind: "rooms-set",
    rooms: [["mem", 2]],
  });
  deepStrictEqual(starts(subject.add(...loose(8), ...loose(2, { group: 1 }))), [
    "0: 0 1 2",
    "1: 3 4 5",
    "2: 8 9",
  ]);
  deepStrictEqual(starts(subject.succeed(0, 1)), []);
  deepStrictEqual(starts(subject.fail(2)), ["0: 6 7"]);
});

Deno.test("packs by time: few while nobody knows, then as many as take that long", () => {
  const subject = new Subject({ groups: [group({ pool: "away", pack: { count: 1_000, millis: 1_000 } })] });
  subject.feed({ kind: "pools-set", pools: [["away", 1]] });
  const sizes: number[] = [];
  for (let effects = subject.add(...loose(200)); sizes.length < 3;) {
    const nodes = effects.flatMap((effect) => effect.kind === "start" ? effect.nodes : []);
    sizes.push(nodes.length);
    effects = subject.feed(...nodes.map((one) => succeeded(one, 20)));
  }
  deepStrictEqual(sizes, [16, 50, 50]);
});

Deno.test("a hundred thousand nodes on lanes of their own", () => {
  const count = 100_000;
  const state = newSchedule({ parallel: 1, policy: "stop", trace: false });
  const running: number[] = [];
  const feed = (input: Parameters<typeof step>[1]) => {
    for (const effect of step(state, input)) if (effect.kind === "start") running.push(...effect.nodes);
  };
  feed({ kind: "pools-set", pools: [["away", Infinity]] });
  feed({ kind: "rooms-set", rooms: [["label", count / 2]] });
  feed({ kind: "groups-added", groups: [group({ pool: "away", needs: needs(1, "label") })] });
  feed({ kind: "nodes-added", nodes: loose(count) });
  strictEqual(running.length, count / 2);
  let ended = 0;
  for (let one = running.pop(); one !== undefined; one = running.pop(), ended++) feed(succeeded(one));
  strictEqual(ended, count);
});

Deno.test("a room that is set while it is in use", () => {
  const subject = new Subject({ parallel: 9, groups: [group({ needs: needs(2) })] });
  deepStrictEqual(starts(subject.add(...loose(2))), ["0: 0", "1: 1"]);
  subject.feed({ kind: "rooms-set", rooms: [["mem", 5]] });
  deepStrictEqual(starts(subject.add(...loose(1))), []);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 2"]);
});

Deno.test("fractions add up", () => {
  const groups = [group({ needs: needs(0.1) }), group({ needs: needs(0.2) })];
  const subject = new Subject({ parallel: 9, groups });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 0.3]] });
  deepStrictEqual(starts(subject.add(node(), node([], { group: 1 }))), ["0: 0", "1: 1"]);
});

Deno.test("what is reserved for a node whose lock is taken is for others", () => {
  // 0 fills the room; 1 wants all of it and the lock; so many pass it by that it is reserved; then its lock is taken.
  const groups = [
    group({ needs: needs(1) }),
    group({ needs: needs(2), locks: ["a"] }),
    group({ locks: ["a"] }),
  ];
  const subject = new Subject({ parallel: 9, groups, order: "fifo" });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 2]] });
  subject.add(node(), node([], { group: 1 }));
  let last = 0;
  for (
    let round = 0;
    round < 3 * PASSES && subject.state.rooms.get("mem")!.reservedBy === undefined;
    round++
  ) {
    subject.add(node());
    subject.succeed(last);
    last = subject.state.states.length - 1;
  }
  ok(subject.state.rooms.get("mem")!.reservedBy !== undefined);
  subject.add(node());
  const waiting = subject.state.states.length - 1;
  strictEqual(subject.states[waiting], "ready");
  subject.add(node([], { group: 2 }));
  strictEqual(subject.states[waiting], "running");
});

Deno.test("attempts that are to go on come before what has not begun", () => {
  const subject = new Subject({ parallel: 2, groups: [group({ needs: needs(1) }), group()] });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 1]] });
  subject.add(node());
  subject.feed({ kind: "nodes-added", nodes: [node([], { group: 1 })] }, {
    kind: "attempt-waits",
    node: 0,
    on: [1],
  });
  // While it waits, others have its room, one after the other.
  subject.add(...loose(5));
  strictEqual(subject.states[2], "running");
  subject.feed(succeeded(1), { kind: "wait-over", node: 0 });
  deepStrictEqual(kinds(subject.succeed(2)).filter((kind) => !kind.startsWith("release")), ["resume 0"]);
});

Deno.test("rooms that others take at any time: everything ends as in a sequential run", () => {
  const any = worlds({
    fatal: false,
    dynamic: true,
    calling: true,
    ordered: true,
    locks: "safe",
    rooms: true,
    policies: ["keep-going"],
  });
  check(fc.property(any, fc.integer(), (world, seed) => {
    const { states } = drive(world, { seed, refuses: true });
    const truth = evaluate(world);
    for (const [index, name] of states) strictEqual(name, truth[index]!.state, `call ${index}`);
  }));
});

Deno.test("what is not the task's fault is tried again without counting, some times", () => {
  const subject = new Subject({ groups: [group({ retry: { limit: 1 } })] });
  subject.add(node());
  const pauses: number[] = [];
  const fail = (reason: "preempted" | "infra" | "error") => {
    const effects = subject.fail(0, { reason });
    const pause = effects.find((effect) => effect.kind === "pause");
    if (pause !== undefined) {
      pauses.push(pause.millis);
      subject.feed({ kind: "pause-ended", node: 0 });
    }
    return pause !== undefined;
  };
  for (let round = 0; round < 10; round++) ok(fail(round % 2 === 0 ? "preempted" : "infra"));
  deepStrictEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
  ok(fail("error"), "the retry that the rule allows");
  ok(!fail("preempted"));
  deepStrictEqual(subject.states, ["failed"]);
});

Deno.test("the next attempt may belong to another group: it needs more", () => {
  const groups = [
    group({ needs: needs(1), retry: { limit: 1 } }),
    group({ needs: needs(4), retry: { limit: 1 } }),
  ];
  const subject = new Subject({ parallel: 9, groups });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 4]] });
  subject.add(node(), node());
  subject.fail(0, { reason: "oom", group: 1 });
  deepStrictEqual(starts(subject.feed({ kind: "pause-ended", node: 0 })), []);
  deepStrictEqual(starts(subject.succeed(1)), ["0: 0"]);
});

Deno.test("a group that is known only when a node is looked up", () => {
  const subject = new Subject({ parallel: 9, groups: [group({ lookup: true }), group({ needs: needs(4) })] });
  subject.feed({ kind: "rooms-set", rooms: [["mem", 4]] });
  subject.add(node(), node());
  deepStrictEqual(starts(subject.feed({ kind: "lookup-answered", node: 0, hit: false, group: 1 })), ["0: 0"]);
  deepStrictEqual(starts(subject.feed({ kind: "lookup-answered", node: 1, hit: false, group: 1 })), []);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1"]);
});

Deno.test("what is not the task's fault is tried again nevertheless, unless it counts", () => {
  const subject = new Subject({ groups: [group()] });
  subject.add(node(), node());
  deepStrictEqual(kinds(subject.fail(0, { reason: "infra" })), ["pause 0"]);
  subject.fail(1, { reason: "infra", counts: true });
  deepStrictEqual(subject.states, ["blocked", "failed"]);
});

Deno.test("an exit code can be named", () => {
  const rule = { limit: 5, on: ["exit:75"] };
  const subject = new Subject({ groups: [group({ retry: rule })] });
  subject.add(node(), node());
  deepStrictEqual(kinds(subject.fail(0, { reason: "exit", exit: 75 })), ["pause 0"]);
  subject.fail(1, { reason: "exit", exit: 74 });
  deepStrictEqual(subject.states, ["blocked", "failed"]);
});

/** From calls to nodes: each key once, edges from everywhere a future may stand, and what is wrong, all at once. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { type Call, unlink } from "../../src/model/call.ts";
import { issueText } from "../../src/model/failure.ts";
import { all, type Future, value } from "../../src/model/future.ts";
import { type Task, task } from "../../src/model/task.ts";
import { type Bound, Graph } from "../../src/plan/graph.ts";

type Any = Task<unknown, unknown>;

const leaf = task("leaf", (n: number) => n);
const join = task("join", (input: unknown) => input) as Any;

/** A graph of some calls. */
function planned(structure: unknown): Graph {
  const graph = new Graph();
  graph.bind(structure, "input");
  return graph;
}

/** The node of a call, and what it waits for, in words. */
function waitsFor(graph: Graph, call: unknown): string[] {
  const node = graph.find((call as Call<unknown>).key);
  ok(node !== undefined, "the call is in the graph");
  return graph.upstreams(node).map((id) => graph.describe(graph.nodes[id]!));
}

/** What the bytes of a structure become when each node's value is its description. */
function filledOut(graph: Graph, bound: Bound): unknown {
  return unlink(bound.bytes, (number) => graph.describe(graph.nodes[bound.nodes[number]!]!));
}

Deno.test("equal calls are one node, whoever made them", () => {
  const graph = new Graph();
  const first = graph.bind([leaf(1), leaf(1), join({ b: leaf(1), a: 2 })], "input");
  const second = graph.bind(join({ a: 2, b: leaf(1) }), "input");
  deepStrictEqual(graph.nodes.map((node) => graph.describe(node).replace(/‹.*?›/, "")), [
    "leaf(1)",
    "join({ a: 2, b: leaf })",
  ]);
  deepStrictEqual([first.nodes, second.nodes], [[0, 0, 1], [1]]);
  strictEqual(graph.nodes.every((node, index) => node.id === index), true);
});

Deno.test("futures are found anywhere in an input", () => {
  const call = join({
    list: [leaf(1), [leaf(2)]],
    map: new Map<unknown, unknown>([["k", leaf(3)]]),
    set: new Set([leaf(4)]),
    deep: { er: { est: leaf(5) } },
    aggregate: all({ a: leaf(6), b: [value(7), leaf(8)] }),
    constant: value({ inside: leaf(9) }),
    pick: join(10).pick("x" as never),
    again: leaf(1),
  });
  const graph = planned(call);
  deepStrictEqual(
    waitsFor(graph, call).sort(),
    ["join(10)", ...[1, 2, 3, 4, 5, 6, 8, 9].map((n) => `leaf(${n})`)],
  );
});

Deno.test("a structure is bound with the nodes it means, in any shape", () => {
  const graph = new Graph();
  const bound = graph.bind({
    a: [leaf(2), 3],
    c: new Map([["d", leaf(2)]]),
    e: value(4),
    f: all({ g: leaf(1) }).pick("g"),
  }, "input");
  deepStrictEqual(filledOut(graph, bound), {
    a: ["leaf(2)", 3],
    c: new Map([["d", "leaf(2)"]]),
    e: 4,
    f: "leaf(1)",
  });
  strictEqual(graph.nodes.length, 2);
});

Deno.test("deps: the calls of the record, constants and picks among them", () => {
  const parent = task("with-deps", {
    deps: ({ n }: { n: number }) => ({
      a: leaf(n),
      list: [leaf(n + 1)],
      b: value(5),
      c: join(n).pick("x" as never),
    }),
    run: () => 0,
  });
  const call = parent({ n: 1 });
  const graph = planned(call);
  deepStrictEqual(waitsFor(graph, call).sort(), ["join(1)", "leaf(1)", "leaf(2)"]);
  const node = graph.find(call.key)!;
  strictEqual(graph.isOpen(node), false);
  const values = unlink(node.deps!.bytes, () => ({ x: "picked" }));
  deepStrictEqual(values, { a: { x: "picked" }, list: [{ x: "picked" }], b: 5, c: "picked" });
});

Deno.test("deps of an input that holds futures are asked when those are computed", () => {
  const parent = task("open", {
    deps: ({ n }: { n: number }) => ({ a: leaf(n) }),
    run: () => 0,
  });
  const call = parent({ n: leaf(40) });
  const graph = planned(call);
  const node = graph.find(call.key)!;
  strictEqual(graph.isOpen(node), true);
  deepStrictEqual(waitsFor(graph, call), ["leaf(40)"]);
  graph.expand(node, () => 41);
  graph.grow();
  strictEqual(graph.isOpen(node), false);
  deepStrictEqual(waitsFor(graph, call), ["leaf(40)", "leaf(41)"]);
});

/** Two tasks of one name, made at two places. */
const twins = [task("twin", (_: object) => 1), task("twin", (_: object) => 2)];

Deno.test("two tasks of one name in a run: one issue that names both places", () => {
  const graph = planned([twins[0]!({}), twins[1]!({ other: 1 }), twins[1]!({ more: 1 })]);
  strictEqual(graph.issues.length, 1);
  match(
    issueText(graph.issues[0]!),
    /^Two tasks are called "twin"; rename one of them\n {4}at \S+graph_test\.ts:(\d+):\d+\n {4}at \S+graph_test\.ts:\1:\d+$/,
  );
  deepStrictEqual(planned(twins[0]!({})).issues, []);
});

Deno.test("two tasks of one name are told when their inputs are equal, too: their calls have one key", () => {
  const graph = planned([twins[0]!({}), twins[1]!({})]);
  deepStrictEqual(graph.issues.map((issue) => issue.kind), ["duplicate-task"]);
  const both = task("holds both", (calls: number[]) => calls);
  throws(() => both([twins[0]!({}), twins[1]!({})]), {
    name: "DefinitionError",
    message: /Two tasks are called "twin"/,
  });
});

Deno.test("the same definition, loaded twice, is no duplicate", () => {
  const make = () => task("copied", (n: number) => n);
  const graph = planned([0, 1].map((n) => make()(n)));
  deepStrictEqual([graph.nodes.length, graph.issues], [2, []]);
});

/** Tasks that need each other in a ring. */
function ring(length: number): Any[] {
  const tasks: Any[] = [];
  for (let index = 0; index < length; index++) {
    tasks.push(
      task(`ring-${length}-${index}`, {
        deps: (): Record<string, Future<unknown>> => ({
          next: tasks[(index + 1) % length]!(0),
          side: leaf(index),
        }),
        run: () => 0,
      }) as Any,
    );
  }
  return tasks;
}

Deno.test("calls that wait for each other are shown as a path that closes", () => {
  for (const length of [1, 2, 5]) {
    const tasks = ring(length);
    const graph = planned(join(tasks[0]!(0)));
    graph.findCycles();
    strictEqual(graph.issues.length, 1);
    const [issue] = graph.issues;
    ok(issue?.kind === "cycle");
    const names = issue.path.map((step) => Number(/^ring-\d+-(\d+)\(0\)$/.exec(step)?.[1]));
    strictEqual(names.length, length + 1);
    strictEqual(names[0], names.at(-1));
    names.slice(1).forEach((name, index) => strictEqual(name, (names[index]! + 1) % length));
    match(issueText(issue), /^These calls wait for each other, so none can ever start:\n {4}ring/);
    strictEqual(issueText(issue).split("\n    → ").length, length + 1);
  }
});

Deno.test("a graph without cycles has none, shared upstreams or not", () => {
  const fib: Task<number, number> = task("fib", {
    deps: (n: number) => n < 2 ? {} : { a: fib(n - 1), b: fib(n - 2) },
    run: () => 0,
  });
  const graph = planned(fib(30));
  graph.findCycles();
  deepStrictEqual([graph.nodes.length, graph.issues], [31, []]);
});

const throwing = task("throwing", {
  deps: ({ n }: { n: number }): Record<string, Future<number>> => {
    throw new RangeError(`no such ${n}`);
  },
  run: () => 0,
});

Deno.test("deps that throw: the message tells the call, the error and the line", () => {
  const graph = planned(throwing({ n: 3 }));
  strictEqual(graph.issues.length, 1);
  const lines = Deno.readTextFileSync(new URL(import.meta.url)).split("\n");
  const line = lines.findIndex((text) => text.includes("throw new RangeError(`no such")) + 1;
  match(
    issueText(graph.issues[0]!),
    new RegExp(
      String
        .raw`^Task "throwing": .deps. threw for throwing\(\{ n: 3 \}\): RangeError: no such 3\n {4}at \S+graph_test\.ts:${line}:\d+$`,
    ),
  );
});

Deno.test("deps that throw what is no error, or return what is no record, are issues, too", () => {
  const odd: readonly [() => unknown, RegExp][] = [
    [() => {
      throw "text";
    }, /threw for odd-0: text\n {4}at .*graph_test/],
    [
      () => 5,
      /threw for odd-1: TypeError: `deps` gives calls, names of calls, NO_FAILURES, or records and lists/,
    ],
    [() => ({ f: () => 1 }), /deps\.f/],
  ];
  odd.forEach(([deps, says], index) => {
    const made = task(`odd-${index}`, { deps: deps as () => object, run: () => 0 }) as Any;
    const graph = planned(made(undefined));
    strictEqual(graph.issues.length, 1);
    match(issueText(graph.issues[0]!), says);
  });
});

// `throw null` and `throw undefined` break `Graph.expand` itself (it reads `stack` of them); to be switched on with its repair.
Deno.test("deps that throw nothing at all are issues", () => {
  const made = task("throws-null", {
    deps: () => {
      throw null;
    },
    run: () => 0,
  }) as Any;
  const graph = planned(made(undefined));
  match(issueText(graph.issues[0]!), /threw for throws-null: null\n {4}at .*graph_test/);
});

Deno.test("all issues are reported together, twenty at most", () => {
  const some = planned(Array.from({ length: 7 }, (_, n) => throwing({ n })));
  strictEqual(some.issues.length, 7);
  strictEqual(new Set(some.issues.map(issueText)).size, 7);
  const many = planned(Array.from({ length: 50 }, (_, n) => throwing({ n })));
  strictEqual(many.issues.length, 20);
});

Deno.test("a chain of 100,000 calls in each other's inputs is planned without recursion", () => {
  let call: Call<unknown> = leaf(0);
  for (let length = 1; length < 100_000; length++) call = join({ before: call });
  const graph = planned(call);
  strictEqual(graph.nodes.length, 100_000);
  strictEqual(graph.upstreams(graph.nodes[0]!).length, 1);
  strictEqual(graph.upstreams(graph.find(leaf(0).key)!).length, 0);
});

Deno.test("a chain of 100,000 calls by deps is planned, and searched for cycles, without recursion", () => {
  const down: Task<number, number> = task("down", {
    deps: (n: number) => n === 0 ? {} : { next: down(n - 1) },
    run: () => 0,
  });
  const graph = planned(down(99_999));
  graph.findCycles();
  deepStrictEqual([graph.nodes.length, graph.issues], [100_000, []]);
});

Deno.test("describe: inputs in short, templates filled out, upstream calls by name and key", () => {
  const build = task("build::[env]", ({ env }) => env);
  const upstream = leaf(1);
  const calls: readonly [Call<unknown>, string][] = [
    [leaf(5), "leaf(5)"],
    [join(undefined), "join"],
    [build({ env: "prod" }), "build::prod"],
    [join({ a: upstream, b: "text" }), `join({ a: leaf‹${upstream.key.slice(0, 8)}›, b: "text" })`],
  ];
  for (const [call, text] of calls) {
    const graph = planned(call);
    strictEqual(graph.describe(graph.find(call.key)!), text);
  }
  const graph = planned(join("x".repeat(10_000)));
  ok(graph.describe(graph.nodes[0]!).length <= 120);
});

Deno.test("a value that is gone when `deps` is asked is no fault of `deps`", () => {
  const asked = task("asked", {
    deps: (input: unknown) => ({ more: leaf(Number(input)) }),
    run: () => 1,
  }) as Any;
  const call = asked({ n: leaf(1) });
  const graph = planned(call);
  const gone = new Error("gone");
  throws(
    () =>
      graph.expand(graph.find((call as Call<unknown>).key)!, () => {
        throw gone;
      }),
    gone,
  );
  deepStrictEqual(graph.issues, []);
});

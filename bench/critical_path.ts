/**
 * What critical-path order is worth: unbalanced graphs with known durations through the real scheduler, on a clock that jumps
 * from one end of an attempt to the next. Nothing runs and nothing is measured, so the figures are the same everywhere.
 */
import { retryRule } from "../src/model/retry.ts";
import type { Input, NodeSpec } from "../src/schedule/input.ts";
import { countOf } from "../src/schedule/set.ts";
import { newSchedule, type StartOrder } from "../src/schedule/state.ts";
import { step } from "../src/schedule/step.ts";

/** A graph: by node, the earlier nodes it waits for, and how many milliseconds it takes. */
export interface Shape {
  /** What it is like. */
  readonly name: string;
  /** How many nodes may run at once. */
  readonly lanes: number;
  /** By node: the nodes it waits for, all of them earlier. */
  readonly upstreams: readonly (readonly number[])[];
  /** By node: milliseconds. */
  readonly millis: readonly number[];
}

/** What became of a graph, in milliseconds of its clock. */
export interface Outcome {
  /** When the last node ended. */
  readonly wall: number;
  /** How many nodes succeeded. */
  readonly succeeded: number;
}

/** One line of the table. */
export interface Comparison {
  readonly name: string;
  readonly nodes: number;
  readonly lanes: number;
  /** First come, first served. */
  readonly fifo: Outcome;
  /** What the longest chain waits for comes first. */
  readonly criticalPath: Outcome;
  /** No order can be faster: the longest chain, or all work over all lanes. */
  readonly bound: number;
}

/** Numbers from 0 up to 1, always the same for a seed. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Drives a graph to its end. */
export function simulate({ lanes, upstreams, millis }: Shape, order: StartOrder): Outcome {
  const state = newSchedule({ parallel: lanes, policy: "stop", trace: false, order });
  const nodes = upstreams.map((list): NodeSpec => ({ group: 0, upstreams: list, open: false, kept: true }));
  const retry = retryRule(undefined);
  const group = {
    pool: "worker",
    retry,
    single: true,
    lookup: false,
    locks: [],
    needs: [],
    wave: 0,
    priority: 0,
  };
  let inputs: Input[] = [
    { kind: "groups-added", groups: [group] },
    { kind: "durations-learned", groups: [], nodes: millis.map((time, node) => [node, time]) },
    { kind: "nodes-added", nodes },
  ];
  // As many as there are lanes: a list does.
  const running: { readonly node: number; readonly until: number }[] = [];
  let now = 0;
  while (inputs.length > 0) {
    for (const effect of step(state, { kind: "together", inputs })) {
      if (effect.kind !== "start") continue;
      for (const node of effect.nodes) running.push({ node, until: now + millis[node]! });
    }
    inputs = [];
    if (running.length === 0) break;
    now = Math.min(...running.map(({ until }) => until));
    for (let index = running.length - 1; index >= 0; index--) {
      const { node, until } = running[index]!;
      if (until > now) continue;
      running.splice(index, 1);
      inputs.push({ kind: "attempt-succeeded", node, millis: millis[node]! });
    }
  }
  return { wall: now, succeeded: countOf(state, "succeeded") };
}

/** The longest chain, or all work over all lanes. */
export function boundOf({ lanes, upstreams, millis }: Shape): number {
  const ends: number[] = [];
  upstreams.forEach((list, node) => {
    ends.push(list.reduce((latest, up) => Math.max(latest, ends[up]!), 0) + millis[node]!);
  });
  const longest = ends.reduce((latest, end) => Math.max(latest, end), 0);
  return Math.max(longest, millis.reduce((sum, time) => sum + time, 0) / lanes);
}

/** A long chain that is ready last, beside many short tasks. */
function chainBeside(random: () => number, size: number): Shape {
  const lanes = 4;
  const short = Array.from({ length: size }, () => 200 + Math.floor(random() * 1_800));
  const work = short.reduce((sum, time) => sum + time, 0);
  const links = 20;
  const link = Math.floor(work / (lanes - 1) / links);
  const upstreams = [
    ...short.map(() => []),
    ...Array.from({ length: links }, (_, index) => index === 0 ? [] : [size + index - 1]),
  ];
  return {
    name: "a long chain beside short tasks",
    lanes,
    upstreams,
    millis: [...short, ...Array(links).fill(link)],
  };
}

/** Forks whose branches differ much in length, joined and forked again. */
function forkJoin(random: () => number, size: number): Shape {
  const upstreams: number[][] = [[]];
  const millis = [1_000];
  while (upstreams.length < size) {
    const join: number[] = [];
    const fork = upstreams.length - 1;
    for (let branch = 0; branch < 100; branch++) {
      // Few are long, and they are as likely to come last as first.
      const length = random() < 0.1 ? 4 : 1;
      for (let link = 0; link < length; link++) {
        upstreams.push([link === 0 ? fork : upstreams.length - 1]);
        millis.push(Math.floor(500 / (0.05 + random()) ** 1.2));
      }
      join.push(upstreams.length - 1);
    }
    upstreams.push(join);
    millis.push(500);
  }
  return { name: "fork and join, few branches long", lanes: 4, upstreams, millis };
}

/** Layers in which each node waits for some of the layer before; a few take very long. */
function layered(random: () => number, size: number): Shape {
  const width = 50;
  const upstreams: number[][] = [];
  const millis: number[] = [];
  for (let node = 0; node < size; node++) {
    const before = Math.floor(node / width) * width - width;
    const some = 1 + Math.floor(random() * 2);
    upstreams.push(
      before < 0 ? [] : Array.from({ length: some }, () => before + Math.floor(random() * width)),
    );
    millis.push(random() < 0.02 ? 5_000 + Math.floor(random() * 10_000) : 100 + Math.floor(random() * 400));
  }
  return { name: "random layers", lanes: 8, upstreams, millis };
}

/** Independent chains of very different length, the long ones defined last. */
function chains(random: () => number, size: number): Shape {
  const upstreams: number[][] = [];
  const millis: number[] = [];
  for (let length = 1; upstreams.length < size; length++) {
    const links = Math.ceil(length / 4);
    for (let link = 0; link < links; link++) {
      upstreams.push(link === 0 ? [] : [upstreams.length - 1]);
      millis.push(300 + Math.floor(random() * 700));
    }
  }
  return { name: "chains of all lengths", lanes: 8, upstreams, millis };
}

/** A build: modules that need some earlier ones, packages of them, and a few tests that take long. */
function build(random: () => number, size: number): Shape {
  const upstreams: number[][] = [];
  const millis: number[] = [];
  for (let node = 0; node < size; node++) {
    const near = Math.min(node, 40);
    const some = node === 0 || random() < 0.3 ? 0 : 1 + Math.floor(random() * 3);
    upstreams.push(Array.from({ length: some }, () => node - 1 - Math.floor(random() ** 2 * near)));
    millis.push(random() < 0.03 ? 8_000 + Math.floor(random() * 12_000) : 200 + Math.floor(random() * 800));
  }
  return {
    name: "modules and long tests",
    lanes: 8,
    upstreams: upstreams.map((list) => list.filter((up) => up >= 0)),
    millis,
  };
}

/** The unbalanced corpus; `scale` 1 is what the table shows. */
export function corpus(scale = 1, seed = 1): readonly Shape[] {
  const sized = (of: (random: () => number, size: number) => Shape, size: number, salt: number) =>
    of(randomOf(seed * 1_000 + salt), Math.max(20, Math.round(size * scale)));
  return [
    sized(chainBeside, 1_000, 1),
    sized(forkJoin, 1_500, 2),
    sized(layered, 1_500, 3),
    sized(chains, 1_500, 4),
    sized(build, 1_500, 5),
  ];
}

/** Both orders on one graph. */
export function compare(shape: Shape): Comparison {
  return {
    name: shape.name,
    nodes: shape.millis.length,
    lanes: shape.lanes,
    fifo: simulate(shape, "fifo"),
    criticalPath: simulate(shape, "critical-path"),
    bound: boundOf(shape),
  };
}

/** The lines of a report, and the gate at its end. */
export function report(comparisons: readonly Comparison[]): string {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const seconds = (millis: number) => `${(millis / 1_000).toFixed(1)} s`;
  const rows = comparisons.map(({ name, nodes, lanes, fifo, criticalPath, bound }) => [
    `${name}, ${nodes} nodes, ${lanes} lanes`,
    seconds(fifo.wall),
    seconds(criticalPath.wall),
    seconds(bound),
    percent(1 - criticalPath.wall / fifo.wall),
    (criticalPath.wall / bound).toFixed(3),
  ]);
  // Each graph counts alike, however long it takes.
  const mean = (of: (one: Comparison) => number) =>
    comparisons.reduce((sum, one) => sum + of(one), 0) / comparisons.length;
  rows.push([
    "the corpus, on average",
    "",
    "",
    "",
    percent(1 - mean(({ fifo, criticalPath }) => criticalPath.wall / fifo.wall)),
    mean(({ criticalPath, bound }) => criticalPath.wall / bound).toFixed(3),
  ]);
  const heads = ["simulated", "first come", "critical path", "bound", "saved", "of the bound"];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join(
      "  ",
    );
  return [heads, ...rows].map(line).join("\n");
}

/** Compares all graphs of the corpus. */
export function main(): readonly Comparison[] {
  return corpus().map(compare);
}

if (import.meta.main) Deno.stdout.writeSync(new TextEncoder().encode(`${report(main())}\n`));

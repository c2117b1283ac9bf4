/** What must hold of a schedule after every step, counted anew from nothing but states and edges. */
import { isSuccess, isTerminal, LAWFUL, type NodeState, STATES } from "../../src/model/state.ts";
import { countOf, stateOf } from "../../src/schedule/set.ts";
import type { ScheduleState } from "../../src/schedule/state.ts";
import type { NumberQueue, Numbers } from "../../src/schedule/table.ts";

/** A broken rule, and the node it concerns. */
export class Broken extends Error {
  override readonly name = "Broken";
  /** Takes the node, or -1, and what is wrong. */
  constructor(readonly node: number, problem: string) {
    super(problem);
  }
}

/** Asserts, with the node the assertion is about. */
export function expect(holds: boolean, node: number, problem: string): asserts holds {
  if (!holds) throw new Broken(node, problem);
}

/** What a queue holds. */
export function queued(queue: NumberQueue): readonly number[] {
  const { items, head } = queue as unknown as { readonly items: readonly number[]; readonly head: number };
  return items.slice(head);
}

/** Follows the edges of a node. */
function ends(first: Numbers, next: Numbers, to: Numbers, node: number): number[] {
  const found: number[] = [];
  for (let edge = first.at(node); edge >= 0; edge = next.at(edge)) found.push(to.at(edge));
  return found;
}

/**
 * Checks everything that holds between the tables of a schedule.
 *
 * @throws {Broken} naming the first node that is wrong.
 */
export function checkInvariants(state: ScheduleState): void {
  const nodes = state.states.length;
  const names = Array.from({ length: nodes }, (_, node) => stateOf(state, node));
  for (const name of STATES) {
    const count = names.filter((one) => one === name).length;
    expect(
      countOf(state, name) === count,
      -1,
      `${countOf(state, name)} are counted as ${name}, ${count} are`,
    );
  }
  for (let node = 0; node < nodes; node++) {
    const ups = ends(state.firstUp, state.nextUp, state.upTo, node);
    const downs = ends(state.firstEdge, state.nextEdge, state.edgeTo, node);
    const pending = ups.filter((up) => !isSuccess(names[up]!)).length;
    const waiting = downs.filter((down) => !isTerminal(names[down]!)).length;
    if (names[node] === "blocked") {
      const known = state.pending.at(node);
      expect(known === pending, node, `waits for ${known}, ${pending} of its edges are unfinished`);
    }
    const known = state.waiting.at(node);
    expect(known === waiting, node, `${known} are said to wait for it, ${waiting} of its edges do`);
    for (const up of ups) expect(up < nodes, node, `an edge leads to ${up}, which is no node`);
  }
  checkLanes(state, names);
  const seen = new Set<number>();
  for (const [pool, queue] of state.ready) {
    for (const node of queued(queue)) {
      // Nodes that were cancelled stay in their queue until their turn.
      if (names[node] === "cancelled") continue;
      expect(names[node] === "ready", node, `is queued for ${pool}, and ${names[node]}`);
      expect(!seen.has(node), node, `is queued twice`);
      expect(state.groups[state.groupOf.at(node)]!.pool === pool, node, `is queued for ${pool}`);
      seen.add(node);
    }
  }
  const free = state.lanes.some(({ running }) => running.size === 0);
  if (!state.stopped) expect(!free || seen.size === 0, -1, "a lane is idle though nodes are queued");
}

/** Lanes hold exactly the running nodes, each once, of one kind. */
function checkLanes(state: ScheduleState, names: readonly NodeState[]): void {
  const held = new Map<number, number>();
  state.lanes.forEach(({ running, pool }, lane) => {
    for (const node of running) {
      expect(!held.has(node), node, `is on the lanes ${held.get(node)} and ${lane}`);
      expect(names[node] === "running", node, `is on lane ${lane}, and ${names[node]}`);
      expect(state.groups[state.groupOf.at(node)]!.pool === pool, node, `is on a lane of kind ${pool}`);
      held.set(node, lane);
    }
  });
  const running = names.filter((name) => name === "running").length;
  expect(held.size === running, -1, `${running} nodes are running, lanes hold ${held.size}`);
  const busy = state.lanes.filter((lane) => lane.running.size > 0).length;
  expect(busy <= state.parallel, -1, `${busy} lanes are busy, ${state.parallel} are allowed`);
}

/** The changes of every node's state, in words, checked one by one. */
export class Stories {
  /** By node: where it is, as far as was told. */
  private readonly now: NodeState[] = [];
  private readonly told = new Map<number, string[]>();

  /** Takes the changes of one step. */
  take(state: ScheduleState, step: number, each: (node: number, to: NodeState) => void): void {
    const { changes } = state;
    for (let at = 0; at < changes.length; at += 3) {
      const node = changes.at(at);
      const [from, to] = [STATES[changes.at(at + 1)]!, STATES[changes.at(at + 2)]!];
      const story = this.told.get(node) ?? ["idle"];
      this.told.set(node, story);
      story.push(`${to} (step ${step})`);
      expect(
        (this.now[node] ?? "idle") === from,
        node,
        `is said to have been ${from}, was ${this.now[node]}`,
      );
      expect(LAWFUL[from].includes(to), node, `went from ${from} to ${to}`);
      this.now[node] = to;
      each(node, to);
    }
    changes.length = 0;
    for (let node = 0; node < state.states.length; node++) {
      expect(
        (this.now[node] ?? "idle") === stateOf(state, node),
        node,
        "has changed its state without a word",
      );
    }
  }

  /** One node's life. */
  of(node: number): string {
    return `node ${node}: ${this.told.get(node)?.join(" → ") ?? "no change"}`;
  }
}

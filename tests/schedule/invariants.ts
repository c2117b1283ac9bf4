/** What must hold of a schedule after every step, counted anew from nothing but states and edges. */
import { isSuccess, isTerminal, LAWFUL, type NodeState, STATES } from "../../src/model/state.ts";
import { countOf, stateOf } from "../../src/schedule/set.ts";
import type { Group } from "../../src/schedule/input.ts";
import type { ScheduleState } from "../../src/schedule/state.ts";
import { endOf, FOLLOWING, hasFlag, SETTLING, WAITING } from "../../src/schedule/state.ts";
import type { RankedQueue } from "../../src/schedule/ranked_queue.ts";
import type { NodeQueue } from "../../src/schedule/queue.ts";
import type { Numbers } from "../../src/schedule/table.ts";

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
export function queued(queue: NodeQueue): readonly number[] {
  const { items, head } = queue as unknown as { readonly items: readonly number[]; readonly head: number };
  return items.slice(head);
}

/** What a queue by importance holds. */
export function ranked(queue: RankedQueue): readonly number[] {
  const { ranks, queues } = queue as unknown as {
    readonly ranks: readonly number[];
    readonly queues: readonly NodeQueue[];
  };
  const nodes = queues.flatMap((one) => queued(one));
  expect(nodes.length === queue.length, -1, `${queue.length} nodes are counted, ${nodes.length} are queued`);
  expect(ranks.every((rank, at) => at === 0 || rank < ranks[at - 1]!), -1, "a queue is out of order");
  return nodes;
}

/** Follows the edges of a node. */
function ends(first: Numbers, next: Numbers, to: Numbers, node: number): number[] {
  const found: number[] = [];
  for (let edge = first.at(node); edge >= 0; edge = next.at(edge)) {
    expect(endOf(to, edge) >= 0, node, "has an edge to nowhere");
    found.push(to.at(edge));
  }
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
    const settling = hasFlag(state, node, SETTLING);
    const pending = ups.filter((up) =>
      up >= 0 ? !isSuccess(names[up]!) : settling && !isTerminal(names[~up]!)
    ).length;
    const waiting = downs.filter((down) => !isTerminal(names[down < 0 ? ~down : down]!)).length;
    // What an attempt waits for is told by the engine.
    if (names[node] === "blocked" && !hasFlag(state, node, WAITING)) {
      const known = state.pending.at(node);
      expect(known === pending, node, `waits for ${known}, ${pending} of its edges are unfinished`);
    }
    const known = state.waiting.at(node);
    expect(known === waiting, node, `${known} are said to wait for it, ${waiting} of its edges do`);
    for (const up of ups) expect(up < nodes && ~up < nodes, node, `an edge leads to ${up}, which is no node`);
  }
  checkLanes(state, names);
  checkWaiting(state, names);
  const seen = checkQueues(state, names);
  const free = state.lanes.some(({ running }) => running.size === 0);
  if (!state.stopped) expect(!free || seen === 0, -1, "a lane is idle though nodes are queued");
  for (const [name, { busy, lanes }] of state.pools) {
    const idle = busy < lanes && (state.ready.get(name)?.length ?? 0) > 0;
    expect(!idle || state.stopped, -1, `a lane of ${name} is idle though nodes are queued`);
  }
  for (let node = 0; node < nodes && !state.stopped; node++) {
    if (names[node] !== "blocked" || hasFlag(state, node, WAITING | FOLLOWING)) continue;
    for (const up of ends(state.firstUp, state.nextUp, state.upTo, node)) {
      const doomed = up >= 0 && isTerminal(names[up]!) && !isSuccess(names[up]!);
      expect(!doomed, node, `waits for ${up}, which is ${names[up]}`);
    }
  }
}

/** What is queued or parked is ready, and once; nothing is parked whose locks are free, unless one like it is queued. */
function checkQueues(state: ScheduleState, names: readonly NodeState[]): number {
  const seen = new Set<number>();
  const check = (node: number, where: string) => {
    // Nodes that were cancelled stay in their queue until their turn.
    if (names[node] === "cancelled") return;
    expect(names[node] === "ready", node, `is ${where}, and ${names[node]}`);
    expect(!seen.has(node) && !state.laneOf.has(node), node, `is queued twice`);
    seen.add(node);
  };
  for (const [pool, queue] of state.ready) {
    for (const node of ranked(queue)) {
      check(node, `queued for ${pool}`);
      expect(state.groups[state.groupOf.at(node)]!.pool === pool, node, `is queued for ${pool}`);
    }
  }
  if (!state.stopped) expect(state.arrived.length === 0, -1, "nodes were left without a place in a queue");
  const shared = [...state.ready].filter(([pool]) => !state.pools.has(pool));
  const queuedNow =
    shared.flatMap(([, queue]) => ranked(queue)).filter((node) => names[node] === "ready").length;
  const keyOf = (one: Pick<Group, "locks" | "needs">) => JSON.stringify([one.locks, one.needs]);
  const sets = new Set([...seen].map((node) => keyOf(state.groups[state.groupOf.at(node)]!)));
  for (const parked of state.parked.values()) {
    const { locks, needs, queue } = parked;
    for (const node of ranked(queue)) check(node, "parked");
    if (queue.length === 0 || state.stopped) continue;
    const full = needs.some(([name, amount]) => {
      const room = state.rooms.get(name);
      if (room === undefined) return false;
      const { reservedBy } = room;
      const kept = reservedBy !== undefined && reservedBy !== parked &&
        !reservedBy.locks.some((lock) => state.locked.has(lock));
      return room.closed || room.returning || kept || room.used > 0 && room.used + amount > room.capacity;
    });
    const held = full || locks.some((lock) => state.locked.has(lock)) || sets.has(keyOf(parked));
    expect(held, queue.peek(), "is parked though nobody has its locks or its room");
  }
  for (const [lock, node] of state.locked) {
    const holds = names[node] === "running" || state.laneOf.has(node);
    expect(holds, node, `has the lock ${lock}, and is ${names[node]}`);
  }
  for (const [wave, nodes] of state.held) {
    if (!state.stopped) expect(wave > state.wave, -1, `nodes of wave ${wave} are held in wave ${state.wave}`);
    for (const node of nodes) check(node, "held");
  }
  for (const node of state.conditional) check(node, "held by its condition");
  return queuedNow;
}

/** Attempts that wait, and those that are to go on, are known with their lane. */
function checkWaiting(state: ScheduleState, names: readonly NodeState[]): void {
  state.lanes.forEach(({ waiting, running, resumable }, lane) => {
    const own = [...state.laneOf].filter(([, one]) => one === lane).map(([node]) => node);
    expect(own.length === waiting, -1, `${waiting} are said to wait on lane ${lane}, ${own} do`);
    const listed = queued(resumable).filter((node) => own.includes(node));
    for (const node of own) {
      const blocked = hasFlag(state, node, WAITING);
      expect(names[node] === (blocked ? "blocked" : "ready"), node, `waits, and is ${names[node]}`);
      expect(state.waitsOf.has(node) === blocked, node, "is not known to wait");
      expect(blocked || listed.includes(node), node, "is never to go on");
    }
    const stays = (node: number) =>
      hasFlag(state, node, WAITING) ||
      state.groups[state.groupOf.at(node)]!.needs.some(([name, amount]) => {
        const room = state.rooms.get(name);
        return room !== undefined && room.used > 0 && room.used + amount > room.capacity;
      });
    expect(running.size > 0 || listed.length === 0 || listed.some(stays), -1, "nobody goes on");
  });
  const open = Map.groupBy([...state.awaited.values()].flat().filter(({ left }) => left > 0), ({ of }) => of);
  for (const [node, waits] of state.waitsOf) {
    expect(hasFlag(state, node, WAITING), node, "is said to wait");
    const known = open.get(waits) ?? [];
    expect(new Set(known).size === waits.open, node, `has ${waits.open} waits, ${known} are known`);
    for (const wait of known) {
      const left = known.filter((one) => one === wait).length;
      expect(left === wait.left, node, `waits for ${wait.left}, ${left} know of it`);
    }
    expect((waits.open === 0) === state.due.has(node), node, `is due, or not, with ${waits.open} open waits`);
  }
  for (const node of state.due) expect(state.waitsOf.has(node), node, "is due, and does not wait");
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
  for (const portion of new Set(state.portionOf.values())) {
    for (const node of portion.running) {
      expect(!held.has(node), node, `is on lane ${held.get(node)} and on one of a pool's own`);
      expect(names[node] === "running", node, `is on a lane of its pool's own, and ${names[node]}`);
      held.set(node, -1);
    }
  }
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

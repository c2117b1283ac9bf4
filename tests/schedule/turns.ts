/** Whose turn it is: watches waves and conditions from step to step. */
import { countOf, stateOf } from "../../src/schedule/set.ts";
import { CONDITIONAL, hasFlag, type ScheduleState } from "../../src/schedule/state.ts";
import { expect, ranked } from "./invariants.ts";

/** The watch. */
export class Turns {
  private wave = Infinity;
  private readonly held = new Set<number>();

  constructor(private readonly state: ScheduleState) {}

  /** Something of a node begins: a question or an attempt. */
  opens(node: number): void {
    const { state } = this;
    const { wave } = state.groups[state.groupOf.at(node)]!;
    expect(wave <= state.wave, node, `begins in wave ${state.wave}, is of wave ${wave}`);
    expect(!hasFlag(state, node, CONDITIONAL), node, "begins before its condition was judged");
  }

  /** Before a step: the nodes whose condition it tells. */
  before(conditional: readonly number[]): void {
    this.wave = this.state.wave;
    for (const node of conditional) this.held.add(node);
  }

  /** After a step; takes the nodes that are asked about or pause. */
  after(busy: readonly number[]): void {
    const { state } = this;
    if (state.stopped) return;
    const active = [
      ...busy,
      ...state.due,
      ...state.lanes.flatMap(({ running }) => [...running]),
      ...[...state.portionOf].flatMap(([node, { running }]) => running.has(node) ? [node] : []),
      ...[...state.laneOf.keys()].filter((node) => stateOf(state, node) === "ready"),
      ...[...state.ready.values()].flatMap((queue) => ranked(queue)),
    ];
    const judged = [...this.held].filter((node) => !hasFlag(state, node, CONDITIONAL));
    for (const node of judged) this.held.delete(node);
    // One that is parked cannot go on: then it is the next one's turn already.
    const begun = judged.filter((node) => stateOf(state, node) !== "cancelled" && active.includes(node));
    const failures = countOf(state, "failed") + countOf(state, "timed-out");
    for (const node of judged) {
      const right = (stateOf(state, node) === "cancelled") === failures > 0;
      expect(right, node, `is ${stateOf(state, node)} by its condition, ${failures} have failed`);
    }
    if (begun.length > 0) {
      const other = active.find((node) => !judged.includes(node));
      expect(other === undefined, other ?? -1, `is busy while conditions are judged: ${begun}`);
    } else if (judged.length === 0 && this.wave !== Infinity && state.wave !== this.wave) {
      const other = active.find((node) => state.groups[state.groupOf.at(node)]!.wave !== state.wave);
      expect(other === undefined, other ?? -1, `is busy while wave ${state.wave} begins`);
    }
  }
}

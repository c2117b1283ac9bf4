/** Short forms for tests that hand the scheduler one event after another. */
import { type RetryPolicy, retryRule } from "../../src/model/retry.ts";
import type { Effect } from "../../src/schedule/effect.ts";
import type { AttemptFailed, Group, Input, NodeSpec } from "../../src/schedule/input.ts";
import { stateOf } from "../../src/schedule/set.ts";
import {
  type FailurePolicy,
  newSchedule,
  type ScheduleState,
  type StartOrder,
} from "../../src/schedule/state.ts";
import { step } from "../../src/schedule/step.ts";
import { checkInvariants } from "./invariants.ts";

/** A group; by default its tasks are neither cached nor tried again. */
export function group(options: Partial<Omit<Group, "retry">> & { retry?: RetryPolicy } = {}): Group {
  const { retry, ...rest } = options;
  return {
    pool: "worker",
    single: false,
    lookup: false,
    locks: [],
    needs: [],
    wave: 0,
    priority: 0,
    ...rest,
    retry: retry === undefined ? retryRule(0) : retryRule(retry),
  };
}

/** A node with these upstreams. */
export function node(upstreams: readonly number[] = [], options: Partial<NodeSpec> = {}): NodeSpec {
  return { group: 0, upstreams, open: false, kept: false, ...options };
}

/** `count` nodes without upstreams. */
export function loose(count: number, options: Partial<NodeSpec> = {}): NodeSpec[] {
  return Array.from({ length: count }, () => node([], options));
}

/** A schedule under test: every event checks the invariants. */
export class Subject {
  readonly state: ScheduleState;

  constructor(
    options: {
      parallel?: number;
      policy?: FailurePolicy;
      maxFailures?: number;
      groups?: readonly Group[];
      order?: StartOrder;
    } = {},
  ) {
    const { parallel = 2, policy = "keep-going", groups = [group()], order = "critical-path" } = options;
    const { maxFailures = Infinity } = options;
    this.state = newSchedule({ parallel, policy, maxFailures, trace: false, order });
    this.feed({ kind: "groups-added", groups });
  }
  /** One event, or several together. */
  feed(...inputs: Input[]): Effect[] {
    const effects = step(this.state, inputs.length === 1 ? inputs[0]! : { kind: "together", inputs });
    checkInvariants(this.state);
    return effects;
  }
  add(...nodes: NodeSpec[]): Effect[] {
    return this.feed({ kind: "nodes-added", nodes });
  }
  succeed(...nodes: number[]): Effect[] {
    return this.feed(...nodes.map((node) => succeeded(node)));
  }
  fail(node: number, more: Partial<AttemptFailed> = {}): Effect[] {
    const failed = { reason: "error", errorName: "Error", retriable: true, vary: 0, ...more } as const;
    return this.feed({ kind: "attempt-failed", node, ...failed });
  }
  /** The states of all nodes. */
  get states(): string[] {
    return Array.from({ length: this.state.states.length }, (_, node) => stateOf(this.state, node));
  }
  /** By lane: the nodes it holds. */
  get lanes(): number[][] {
    return this.state.lanes.map(({ running }) => [...running]);
  }
}

/** An attempt that has succeeded. */
export function succeeded(node: number, millis = 0.01, follow?: readonly number[]): Input {
  return { kind: "attempt-succeeded", node, millis, ...(follow !== undefined && { follow }) };
}

/** A stored result that is missed by an attempt. */
export function lost(node: number, ...upstreams: number[]): Input {
  return { kind: "results-lost", node, during: "attempt", upstreams };
}

/** The nodes handed out, as `lane: nodes`. */
export function starts(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === "start" ? [`${effect.lane}: ${effect.nodes.join(" ")}`] : []
  );
}

/** The kinds of effects, with their node. */
export function kinds(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    "node" in effect
      ? [`${effect.kind} ${effect.node}`]
      : effect.kind === "look-up"
      ? effect.nodes.map((node) => `${effect.kind} ${node}`)
      : [effect.kind]
  );
}

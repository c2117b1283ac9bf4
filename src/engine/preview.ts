/** What a run would find up to date: the very decisions of a run, without running anything. */
import { stateOf } from "../schedule/set.ts";
import { newSchedule } from "../schedule/state.ts";
import { step } from "../schedule/step.ts";
import type { Input } from "../schedule/input.ts";
import { expand, lookUp, resolve } from "./answers.ts";
import { plan } from "./run.ts";
import type { RunPorts } from "./ports.ts";
import { RunState } from "./run_state.ts";

/** A call in a previewed graph. */
export interface PreviewNode {
  readonly call: string;
  readonly task: string;
  readonly key: string;
  /** `up-to-date`, or `wanted` when it would run; `failed` when its `deps` throw. */
  readonly state: "up-to-date" | "wanted" | "failed";
  /** The calls it waits for, as indices. */
  readonly upstreams: readonly number[];
}

/** A previewed graph. */
export interface Preview {
  /** The wanted calls, as indices. */
  readonly roots: readonly number[];
  readonly nodes: readonly PreviewNode[];
}

/**
 * Looks at the graph of a target.
 *
 * @throws {DefinitionError} with all that is wrong.
 */
export function preview(target: unknown, ports: RunPorts, force: (task: string) => boolean): Preview {
  const { graph, root } = plan(target);
  // No lanes are ever filled: whatever is ready to run stays ready.
  const schedule = newSchedule({ parallel: 0, policy: "keep-going", trace: false });
  const run = new RunState(
    graph,
    root,
    {
      workers: 1,
      parallel: 1,
      onFailure: "keep-going",
      force: () => false,
      tell: () => {},
      tellTransitions: false,
    },
    ports,
    schedule,
  );
  let added = 0;
  const inbox: Input[] = [];
  const note = (): void => {
    if (added === graph.nodes.length) return;
    const { groups, nodes } = run.specs(added);
    added = graph.nodes.length;
    inbox.push({ kind: "groups-added", groups }, { kind: "nodes-added", nodes });
  };
  note();
  for (let input = inbox.shift(); input !== undefined; input = inbox.shift()) {
    for (const effect of step(schedule, input)) {
      let answer: Input | undefined;
      if (effect.kind === "look-up") {
        answer = force(graph.nodes[effect.node]!.call.task.name)
          ? { kind: "lookup-answered", node: effect.node, hit: false }
          : lookUp(run, effect.node);
      } else if (effect.kind === "expand") answer = expand(run, effect.node);
      else if (effect.kind === "resolve") answer = resolve(run, effect.node);
      if (answer === undefined) continue;
      note();
      inbox.push(answer);
    }
  }
  const state = (id: number): PreviewNode["state"] => {
    const name = stateOf(schedule, id);
    return name === "up-to-date" || name === "failed" ? name : "wanted";
  };
  return {
    roots: root.nodes,
    nodes: graph.nodes.map((node) => ({
      call: graph.describe(node),
      task: node.call.task.name,
      key: node.call.key,
      state: state(node.id),
      upstreams: [...new Set([...graph.upstreams(node), ...(run.follows.get(node.id)?.nodes ?? [])])],
    })),
  };
}

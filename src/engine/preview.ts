/** What a run would do: the very decisions of a run, without running anything, writing anything, or restoring anything. */
import type { Cause } from "../model/cause.ts";
import { DefinitionError } from "../model/failure.ts";
import { decode } from "../model/codec/decode.ts";
import { isSuccess } from "../model/state.ts";
import { stateOf } from "../schedule/set.ts";
import { newSchedule } from "../schedule/state.ts";
import { step } from "../schedule/step.ts";
import type { Input } from "../schedule/input.ts";
import { expand, resolve } from "./answers.ts";
import { causesOf } from "./causes.ts";
import { checkOptions } from "./check_options.ts";
import { lookUp } from "./look_up.ts";
import type { RunOptions } from "./options.ts";
import { plan } from "./plan.ts";
import { FilesNeeded } from "./files_needed.ts";
import type { RunPorts } from "./ports.ts";
import { type PlaceSummary, placeSummary } from "./place_summary.ts";
import { forcedBy } from "./force.ts";
import { checkRules, engineOptions, type Machine, place, selected, unmet } from "./run.ts";
import { RunState } from "./run_state.ts";
import { undecided } from "./undecided.ts";

/** What would become of a call. */
export type PreviewState =
  /** There is a valid entry. */
  | "up-to-date"
  /** It would run. */
  | "run"
  /** Something before it would run: whether it runs too depends on what comes of that. */
  | "maybe"
  /** It would not run: it is left out of what was selected. */
  | "left-out"
  /** It would not run: what it needs cannot run or is left out, or the run would have stopped before. */
  | "not-run"
  /** It cannot run: its `deps` throw, or an input file is not there. */
  | "failed";

/** A call in a previewed graph. */
export interface PreviewNode {
  readonly call: string;
  readonly task: string;
  readonly key: string;
  readonly state: PreviewState;
  /** Why it would run. */
  readonly causes: readonly Cause[];
  /** It is left out, but may turn out to be up to date when what stands before it has run. */
  readonly undecided?: true;
  /** Why it cannot run, or would not, or on what it depends whether it does. */
  readonly error?: string;
  /** Where it would run, as an index. */
  readonly place: number;
  /** The calls it waits for, as indices. */
  readonly upstreams: readonly number[];
}

/** A previewed graph. */
export interface Preview {
  /** The wanted calls, as indices. */
  readonly roots: readonly number[];
  readonly nodes: readonly PreviewNode[];
  /** Where and how calls would run. */
  readonly places: readonly PlaceSummary[];
  /** Output files that would be brought back from the cache. */
  readonly restored: readonly { readonly node: number; readonly paths: readonly string[] }[];
  /** What the run would end with although no call fails. */
  readonly problem?: Error;
}

/** Why a node cannot run. */
function failureText(run: RunState, id: number): string {
  const failing = run.failing.get(id);
  return failing === undefined ? "" : (decode(failing.failed.error) as Error).message;
}

/** Whether a node that waits for others runs whatever comes of them. */
function runsAnyway(run: RunState, id: number): boolean {
  const node = run.node(id);
  const { task } = node.call;
  if (run.graph.isConditional(node)) return false;
  if (task.cache && run.options.force(id)) run.forced.add(id);
  return run.forced.has(id) || task.noSkip || !task.cache;
}

/** Asks again when files are loaded, if they are needed. */
async function withFiles<Answer>(ports: RunPorts, ask: () => Answer): Promise<Answer> {
  while (true) {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof FilesNeeded)) throw error;
      await ports.loadFiles();
    }
  }
}

/**
 * Lets the scheduler decide as far as that goes without running anything.
 *
 * @returns the nodes that would have started before the run stops at the first failure, or the last that there may be; `undefined` when it would not stop.
 */
async function decide(run: RunState): Promise<ReadonlySet<number> | undefined> {
  const { graph, ports, schedule } = run;
  const most = run.options.onFailure === "keep-going" ? run.options.maxFailures : 1;
  let begun: Set<number> | undefined;
  let added = 0, refused = 0;
  let inputs: Input[] = [];
  const note = (): void => {
    if (added === graph.nodes.length) return;
    const { groups, nodes } = run.specs(added);
    graph.scheduled = added = graph.nodes.length;
    inputs.push({ kind: "groups-added", groups }, { kind: "nodes-added", nodes });
  };
  note();
  while (inputs.length > 0) {
    // Together, as a run tells them: what fails in a round stops what is found to be due in the same round.
    const told = inputs;
    inputs = [];
    const asked = new Set(told.flatMap((input) => "node" in input ? [input.node] : []));
    for (const effect of step(schedule, { kind: "together", inputs: told })) {
      const answers: Input[] = [];
      if (effect.kind === "look-up") {
        for (const node of effect.nodes) {
          asked.add(node);
          const answer = await withFiles(ports, () => lookUp(run, node));
          answers.push(answer === true ? { kind: "entries-found", nodes: [node] } : answer);
        }
      } else if (effect.kind === "expand" || effect.kind === "resolve") {
        asked.add(effect.node);
        answers.push(effect.kind === "expand" ? expand(run, effect.node) : resolve(run, effect.node));
      }
      note();
      inputs.push(...answers);
    }
    refused += told.filter(({ kind }) => kind === "node-refused").length;
    if (begun !== undefined || refused < most) continue;
    begun = new Set(
      graph.nodes.map(({ id }) => id).filter((id) =>
        stateOf(schedule, id) === "ready" && !asked.has(id) && !schedule.conditional.includes(id)
      ),
    );
  }
  return begun;
}

/** Why a call cannot run, as a part of its description. */
function errorPart(error: string | undefined): { readonly error?: string } {
  return error === undefined ? {} : { error };
}

/**
 * Looks at the graph of a target.
 *
 * @throws {DefinitionError} with all that is wrong.
 */
export async function preview(
  target: unknown,
  ports: RunPorts,
  machine: Machine,
  options: RunOptions = {},
): Promise<Preview> {
  checkOptions(options);
  const planned = plan(target, options, (globs) => ports.files(globs));
  const { graph, root } = planned;
  const leftOut = selected(planned, options);
  const placement = place(planned, options, machine);
  if (placement.issues.length > 0) throw new DefinitionError(placement.issues);
  await checkRules(placement, ports, false);
  const restored: { node: number; paths: readonly string[] }[] = [];
  // No lanes are ever filled: whatever is ready to run stays ready.
  const schedule = newSchedule({ parallel: 0, policy: "keep-going", trace: false });
  const run = new RunState(
    graph,
    root,
    {
      ...engineOptions({ ...options, reporter: [] }, 1),
      force: forcedBy(planned, options),
      dry: true,
      rerunOutdated: false,
      leftOut: leftOut && ((node) => leftOut[node] === 1),
      tell: (event) => {
        if (event.kind === "outputs-restored") restored.push({ node: event.node, paths: event.paths });
      },
    },
    ports,
    schedule,
    planned.files,
    placement,
    causesOf,
  );
  const begun = await decide(run);
  // Explanations may look at files that no rule names.
  await ports.loadFiles();
  const state = (id: number): PreviewState => {
    const name = stateOf(schedule, id);
    if (isSuccess(name)) return "up-to-date";
    if (name === "failed") return "failed";
    if (leftOut?.[id] === 1) return "left-out";
    if (name === "cancelled" || begun?.has(id) === false) return "not-run";
    if (name === "ready") return schedule.conditional.includes(id) ? "maybe" : "run";
    return runsAnyway(run, id) && !open.behind.has(id) ? "run" : "maybe";
  };
  const upstreamsOf = (id: number) => [
    ...new Set([
      ...graph.upstreams(graph.nodes[id]!),
      ...(run.follows.get(id)?.nodes ?? []),
      ...(run.tracing.get(id)?.bound ?? []).flat(),
    ]),
  ];
  const open = undecided(run, leftOut, upstreamsOf);
  const states = graph.nodes.map((node) => state(node.id));
  const problem = leftOut === undefined || states.includes("failed") ? undefined : unmet(run, leftOut);
  const failed = states.indexOf("failed");
  const errorOf = (id: number): string | undefined => {
    if (states[id] === "failed") return failureText(run, id);
    if (states[id] === "maybe") {
      const up = upstreamsOf(id).find((one) => open.leftOut.has(one));
      if (up === undefined) return undefined;
      return `if ${graph.describe(graph.nodes[up]!)}, which is left out, is still up to date then`;
    }
    if (states[id] !== "not-run") return undefined;
    const up = upstreamsOf(id).find((one) =>
      ["failed", "left-out", "not-run"].includes(states[one]!) && !open.leftOut.has(one)
    );
    if (stateOf(schedule, id) === "cancelled" && up !== undefined) {
      const why = { "failed": "cannot run", "left-out": "is left out" }[states[up] as string];
      return `it needs ${graph.describe(graph.nodes[up]!)}, which ${why ?? "does not run"}`;
    }
    return `the run stops when ${graph.describe(graph.nodes[failed]!)} fails; --keep-going goes on elsewhere`;
  };
  return {
    roots: root.nodes,
    restored,
    ...(problem !== undefined && { problem }),
    places: placement.variants.map((variant) =>
      placeSummary(variant, options, placement.pools.get(variant.pool)!)
    ),
    nodes: graph.nodes.map((node) => ({
      call: graph.describe(node),
      task: node.call.task.name,
      key: node.call.key,
      state: states[node.id]!,
      causes: states[node.id] === "run"
        ? causesOf(run, node.id)
        : states[node.id] === "maybe"
        ? upstreamsOf(node.id).filter((up) => states[up] === "run" || states[up] === "maybe").map((up) => ({
          kind: "upstream-runs" as const,
          call: graph.describe(graph.nodes[up]!),
          node: up,
        }))
        : [],
      ...(open.leftOut.has(node.id) && { undecided: true as const }),
      ...errorPart(errorOf(node.id)),
      place: run.taskOf(node.id),
      upstreams: upstreamsOf(node.id),
    })),
  };
}

/** Is there a valid entry of a node? The one place that decides whether a task runs. */
import { decode } from "../model/codec/decode.ts";
import { DefinitionError } from "../model/failure.ts";
import { type Expression, unpackCalls } from "../model/expression.ts";
import { callsNamed } from "../model/catalogue.ts";
import { all } from "../model/future.ts";
import type { FileRules, SeenFile } from "../model/files.ts";
import type { Digest } from "../model/id.ts";
import { registered } from "../model/registry.ts";
import { CALLS, OUTPUTS, TRACE } from "../model/stored_kind.ts";
import { unwrapOutputs } from "../model/stored_outputs.ts";
import {
  checkOf,
  inOrder,
  paramDigest,
  type Trace,
  type TracedAsk,
  tracedValidity,
  type TraceFacts,
  traces,
} from "../model/trace.ts";
import { validity } from "../plan/validity.ts";
import type { Input } from "../schedule/input.ts";
import { isSuccess, isTerminal } from "../model/state.ts";
import { stateOf } from "../schedule/set.ts";
import type { Hit } from "../store/cache.ts";
import { bindExpression, refuse } from "./answers.ts";
import { needsGlobs } from "./file_rules.ts";
import { FilesNeeded } from "./files_needed.ts";
import { withMakers } from "./maker_hint.ts";
import { LostResult, type RunState } from "./run_state.ts";

/** Asks the cache for a valid entry of a node; `true` when there is one, of which nothing more is to be said. */
export function lookUp(run: RunState, id: number): Input | true {
  try {
    return decide(run, id);
  } catch (error) {
    if (error instanceof LostResult) {
      run.noteLost(error.node);
      return { kind: "results-lost", node: id, during: "look-up", upstreams: [error.node] };
    }
    if (error instanceof FilesNeeded) throw error;
    return refuse(run, id, error as Error);
  }
}

/** Looks the node up by what is known of it now. */
function decide(run: RunState, id: number): Input | true {
  const node = run.node(id);
  const { task, key } = node.call;
  const rules = run.files.rulesOf(node, (number) => run.valueOf(node.inputs[number]!));
  const base = run.tracing.get(id)?.base ?? baseValidity(run, id, rules);
  if (typeof base !== "string") return base;
  run.validities[id] = run.caches(task) ? base : "";
  if (!run.caches(task)) return miss(run, id);
  if (
    run.options.force(id) && run.options.leftOut?.(id) !== true && !run.ports.remade.has(key)
  ) {
    run.forced.add(id);
    return miss(run, id);
  }
  if (task.noSkip) return miss(run, id);
  const hit = run.ports.cache.lookup(task.name, key, base);
  if (hit === undefined) return miss(run, id);
  if ((hit.kind & TRACE) === 0) return use(run, id, hit, rules);
  return traced(run, id, base, hit, rules);
}

/** The validity known before a task runs; or the answer, when its files are not as declared. */
function baseValidity(run: RunState, id: number, rules: FileRules | undefined): string | Input {
  const node = run.node(id);
  const { task } = node.call;
  let files: string | undefined;
  if (rules !== undefined) {
    const found = run.files.find(node, rules);
    for (const pattern of found.empty ?? []) {
      run.warn(
        `no file fits ${pattern}, an input of ${
          run.graph.describe(node)
        }; optional("…") says that this may be`,
      );
    }
    if (found.problems.length > 0) {
      return refuse(run, id, new Error(withMakers(found.problems, run, id)));
    }
    files = filesText(rules.trigger, found.files);
  }
  if (!run.caches(task)) return "";
  return validity({
    code: run.code.of(task).digest,
    upstreams: run.graph.valueUpstreams(node).map((upstream) => run.results.digest(upstream) as Digest),
    env: run.envOf(run.taskOf(id)),
    ...(files !== undefined && { files }),
  });
}

/** Files and what they are; no path holds the character that ends it here. */
function filesText(trigger: string, files: readonly SeenFile[]): string {
  const [only] = files;
  if (only !== undefined && files.length === 1) return `${trigger}\0${only.path}\0${only.mark}`;
  return `${trigger}\0${files.map((file) => `${file.path}\0${file.mark}`).join("\0")}`;
}

/** No valid entry: the task runs, if it may. */
function miss(run: RunState, id: number): Input {
  run.tracing.delete(id);
  run.takenOver.delete(id);
  if (run.options.leftOut?.(id)) return { kind: "lookup-answered", node: id, hit: false, leftOut: true };
  run.learnDurations();
  const group = lateGroup(run, id);
  return { kind: "lookup-answered", node: id, hit: false, ...(group !== undefined && { group }) };
}

/** The group of a node whose `resources` depend on values that are there only now. */
function lateGroup(run: RunState, id: number): number | undefined {
  if (!run.variantOf(id).late) return undefined;
  const node = run.node(id);
  const { placement } = run;
  const known = placement.issues.length;
  const group = placement.groupNow(node, (number) => run.valueOf(node.inputs[number]!));
  const issues = placement.issues.splice(known);
  if (issues.length > 0) throw new DefinitionError(issues);
  return group;
}

/** A result that is valid, if its outputs are there. */
function use(run: RunState, id: number, hit: Hit, rules: FileRules | undefined): Input | true {
  run.tracing.delete(id);
  if (rules !== undefined && rules.outputs.length > 0 && !outputsAreThere(run, id, hit, rules)) {
    return miss(run, id);
  }
  // Who watches wants to know what was looked at; nobody else does, and there may be many files.
  if (!run.options.rerunOutdated) run.files.forget(id);
  if ((hit.kind & CALLS) === 0) {
    run.results.setHit(id, hit);
    return true;
  }
  const stored = run.ports.cache.read(hit);
  const bytes = stored !== undefined && hit.kind & OUTPUTS ? unwrapOutputs(stored).value : stored;
  const bound = bytes === undefined ? undefined : bindExpression(run, bytes);
  if (bound === undefined) return miss(run, id);
  run.follows.set(id, bound);
  return { kind: "lookup-answered", node: id, hit: true, follow: bound.nodes };
}

/** Whether the outputs are on disk as they were made, or could be brought back. */
function outputsAreThere(run: RunState, id: number, hit: Hit, rules: FileRules): boolean {
  const { cache } = run.ports;
  const files = run.ports.files(needsGlobs(rules));
  if (hit.signature !== "" && files.signature(rules.outputs, rules.plain) === hit.signature) return true;
  const stored = hit.kind & OUTPUTS ? cache.read(hit) : undefined;
  if (stored === undefined) {
    run.lostOutputs.set(id, []);
    return false;
  }
  const { task, key } = run.node(id).call;
  const outputs = unwrapOutputs(stored).files;
  run.files.made(id, outputs.filter(({ kind }) => kind === "file").map(({ path }) => path));
  const restored = files.restore(outputs, rules.outputs, run.options.dry, {
    entries: () => cache.outputs(task.name, key),
    spared: run.files.foundOf(id)?.shared ?? [],
  });
  if (restored.kind === "unable") {
    run.lostOutputs.set(id, restored.causes);
    return false;
  }
  if (restored.kind === "restored") {
    const call = run.graph.describe(run.node(id));
    run.options.tell({ kind: "outputs-restored", node: id, call, paths: restored.paths });
  }
  return true;
}

/** A result that depends on what its task found out: looks at that, one way after the other. */
function traced(
  run: RunState,
  id: number,
  base: string,
  hit: Hit,
  rules: FileRules | undefined,
): Input | true {
  const { task, key } = run.node(id).call;
  let tracing = run.tracing.get(id);
  if (tracing === undefined) {
    const stored = run.ports.cache.read(hit);
    if (stored === undefined) return miss(run, id);
    run.tracing.set(id, tracing = { base, list: traces(stored), at: 0, bound: [] });
  }
  for (; tracing.at < tracing.list.length; tracing.at++, tracing.bound = []) {
    const trace = tracing.list[tracing.at]!;
    const open = bindAsks(run, trace, tracing.bound);
    if (open === undefined) continue;
    if (open.length > 0) return { kind: "lookup-answered", node: id, hit: false, first: open };
    const validity = tracedValidity(base, trace, factsOf(run, trace, tracing.bound));
    const found = run.ports.cache.lookup(task.name, key, validity);
    if (found !== undefined) return asMade(run, id, validity, use(run, id, found, rules));
  }
  return miss(run, id);
}

/** The answer of a valid result; one that a job has just made, which was taken over, has run rather than been up to date. */
function asMade(run: RunState, id: number, validity: string, answer: Input | true): Input | true {
  const made = run.takenOver.get(id) === validity;
  run.takenOver.delete(id);
  const hit = answer === true || answer.kind === "lookup-answered" && answer.hit;
  if (!made || !hit) return answer;
  run.ran.push(id);
  const millis = run.times.of(id) ?? 0;
  return { kind: "lookup-answered", node: id, hit: true, ...(answer !== true && answer), made: millis };
}

/**
 * Makes the calls of a trace as the task did: each only if what the task knew then is still so.
 *
 * @param bound by ask: the nodes the task waited for; more are added.
 * @returns nodes that have to have results before anything more can be said; `undefined` when the trace does not fit.
 */
function bindAsks(run: RunState, trace: Trace, bound: (readonly number[])[]): readonly number[] | undefined {
  const openOf = (count: number) =>
    bound.slice(0, count).flat().filter((node) =>
      node >= run.schedule.states.length || !isSuccess(stateOf(run.schedule, node))
    );
  // What the task would make of a failure nobody knows: it is asked.
  const lost = bound.flat().some((node) => {
    const state = node < run.schedule.states.length ? stateOf(run.schedule, node) : "idle";
    return isTerminal(state) && !isSuccess(state);
  });
  if (lost) return undefined;
  while (bound.length < trace.asks.length) {
    const ask = trace.asks[bound.length]!;
    const { known, check } = ask;
    const open = openOf(known.asks);
    if (open.length > 0) return open;
    const { trigger } = trace;
    const part = {
      files: trace.files.slice(0, known.files),
      params: trace.params.slice(0, known.params),
      trigger,
    };
    if (checkOf(factsOf(run, part, bound.slice(0, known.asks))) !== check) return undefined;
    const nodes = bindAsk(run, ask);
    if (nodes === undefined) return undefined;
    bound.push(ask.wait ? nodes : []);
  }
  run.checkNew();
  return openOf(bound.length);
}

/** Calls that a task made, as nodes; `undefined` when there are no such tasks any more. */
function bindAsk(run: RunState, ask: TracedAsk): readonly number[] | undefined {
  if ("expression" in ask) {
    const unpacked = unpackCalls(
      decode(ask.expression) as Expression,
      (call) => registered(call.task, call.frames[0]),
    );
    return "missing" in unpacked ? undefined : run.graph.bind(unpacked.calls, "target").nodes;
  }
  const found = ask.patterns.map((pattern) => callsNamed(pattern, run.graph.naming));
  if (found.some((one) => one.kind === "problem")) return undefined;
  const calls = found.flatMap((one) =>
    one.kind === "problem" ? [] : one.kind === "one" ? [one.call] : one.calls.map(({ call }) => call)
  );
  return run.graph.bind(all(calls), "target").nodes;
}

/** What the things of a trace are now. */
function factsOf(
  run: RunState,
  trace: Pick<Trace, "files" | "params" | "trigger">,
  bound: readonly (readonly number[])[],
): TraceFacts {
  const calls = bound.flat().map((node) =>
    [run.node(node).call.key as string, run.results.digest(node)] as const
  );
  return {
    files: trace.files.map((path) => run.ports.files().mark(path, trace.trigger)),
    params: trace.params.map((name) => paramDigest(run.options.params, name)),
    calls: inOrder(calls),
  };
}

/** Answers to the scheduler's questions: what does `deps` say, what is the value of returned calls. */
import { encode } from "../model/codec/encode.ts";
import { decode } from "../model/codec/decode.ts";
import { PickError, unlink } from "../model/call.ts";
import { digestOf } from "../model/digest.ts";
import { type Expression, unpackCalls } from "../model/expression.ts";
import { DefinitionError, issueText } from "../model/failure.ts";
import { Reference } from "../model/readable.ts";
import { registered } from "../model/registry.ts";
import { errorBytes } from "../execute/host/errors.ts";
import type { Bound } from "../plan/graph.ts";
import type { Input } from "../schedule/input.ts";
import { pickFailure, worded } from "./pick_failure.ts";
import { LostResult, type RunState } from "./run_state.ts";

/** Adds the calls of an expression to the graph; `undefined` when one of their tasks is not there any more. */
export function bindExpression(run: RunState, bytes: Uint8Array): Bound | undefined {
  const expression = decode(bytes) as Expression;
  const unpacked = unpackCalls(expression, (call) => registered(call.task, call.frames[0]));
  if ("missing" in unpacked) return undefined;
  const { nodes } = run.graph.bind(unpacked.calls, "result");
  return { bytes: expression.bytes, nodes };
}

/** Evaluates the `deps` of a node whose input is complete now. */
export function expand(run: RunState, id: number): Input {
  const node = run.node(id);
  const missing = run.graph.missing(node);
  if (missing !== undefined) {
    return refuse(run, id, new Error(`a dependency is missing: ${missing.join("; ")}`));
  }
  try {
    const bound = run.graph.expand(node, (number) => run.valueOf(node.inputs[number]!));
    run.graph.grow();
    run.checkNew();
    const late = run.graph.missing(node);
    if (late !== undefined) return refuse(run, id, new Error(`a dependency is missing: ${late.join("; ")}`));
    const conditional = run.graph.isConditional(node);
    return { kind: "expanded", node: id, upstreams: bound?.nodes ?? [], ...(conditional && { conditional }) };
  } catch (error) {
    if (error instanceof LostResult) {
      run.noteLost(error.node);
      return { kind: "results-lost", node: id, during: "expand", upstreams: [error.node] };
    }
    return refuse(run, id, error as Error);
  }
}

/** Puts the value of a node together from the calls its task returned. */
export function resolve(run: RunState, id: number): Input {
  const bound = run.follows.get(id)!;
  try {
    // A pick of it would be another reference.
    const alone = new Reference("");
    const shape = bound.nodes.length === 1 ? unlink(bound.bytes, () => alone) : undefined;
    if (shape === alone) {
      // The task returned just one call: its result is the result.
      const { digest, bytes, file } = run.results.get(bound.nodes[0]!);
      run.results.set(id, digest, bytes, 0, bytes?.length ?? 0, file);
    } else {
      const bytes = encode(unlink(bound.bytes, (number) => run.valueOf(bound.nodes[number]!)));
      run.results.set(id, run.ports.cache.reads ? digestOf(bytes) : "", bytes, 0, bytes.length, undefined);
    }
    run.follows.delete(id);
    return { kind: "resolved", node: id };
  } catch (error) {
    if (error instanceof LostResult) {
      run.noteLost(error.node);
      return { kind: "results-lost", node: id, during: "resolve", upstreams: [error.node] };
    }
    return refuse(run, id, error instanceof PickError ? worded(run, error, bound.nodes) : error as Error);
  }
}

/** A node that can never succeed. */
export function refuse(run: RunState, id: number, failed: Error): Input {
  const error = failed instanceof PickError ? pickFailure(run, id) ?? failed : failed;
  const text = error instanceof DefinitionError ? error.issues.map(issueText).join("\n") : error.message;
  const shown = Object.assign(new Error(text), { name: error.name, stack: error.stack ?? text });
  run.failing.set(id, {
    failed: { reason: "error", error: errorBytes(shown), errorName: error.name, retriable: false },
    output: {},
  });
  return { kind: "node-refused", node: id };
}

/** Answers to the scheduler's questions: is there a valid entry, what does `deps` say, what is the value of returned calls. */
import { encode } from "../model/codec/encode.ts";
import { decode } from "../model/codec/decode.ts";
import { unlink } from "../model/call.ts";
import { digestOf } from "../model/digest.ts";
import { type Expression, unpackCalls } from "../model/expression.ts";
import { DefinitionError, issueText } from "../model/failure.ts";
import type { Digest } from "../model/id.ts";
import { registered } from "../model/registry.ts";
import { errorBytes } from "../execute/host/errors.ts";
import type { Bound } from "../plan/graph.ts";
import { validity } from "../plan/validity.ts";
import type { Input } from "../schedule/input.ts";
import { LostResult, type RunState } from "./run_state.ts";

/** Asks the cache for a valid entry of a node. */
export function lookUp(run: RunState, id: number): Input {
  const node = run.node(id);
  const { task, key } = node.call;
  const index = run.taskOf(id);
  const upstreams = run.graph.upstreams(node).map((upstream) => run.results.digest(upstream) as Digest);
  const valid = run.validities[id] = validity({
    code: run.code.of(task).digest,
    upstreams,
    env: run.envs[index]!,
  });
  if (run.options.force(task.name)) {
    // In a cache that may only be read the entry stays; what is computed is not stored there either.
    if (run.ports.cache.writable !== undefined || run.ports.cache.keepsBytes) {
      run.ports.cache.clear(task.name, [key]);
    }
    return { kind: "lookup-answered", node: id, hit: false };
  }
  const hit = run.ports.cache.lookup(task.name, key, valid);
  if (hit === undefined) return { kind: "lookup-answered", node: id, hit: false };
  if (!hit.expression) {
    run.results.setHit(id, hit);
    return { kind: "lookup-answered", node: id, hit: true };
  }
  const bytes = run.ports.cache.read(hit);
  const bound = bytes === undefined ? undefined : bindExpression(run, bytes);
  if (bound === undefined) return { kind: "lookup-answered", node: id, hit: false };
  run.follows.set(id, bound);
  return { kind: "lookup-answered", node: id, hit: true, follow: bound.nodes };
}

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
  try {
    const before = run.graph.issues.length;
    const bound = run.graph.expand(node, (number) => run.valueOf(node.inputs[number]!));
    run.graph.grow();
    if (run.graph.issues.length > before) {
      return refuse(run, id, new DefinitionError(run.graph.issues.splice(before)));
    }
    return { kind: "expanded", node: id, upstreams: bound?.nodes ?? [] };
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
    const alone = {};
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
    return refuse(run, id, error as Error);
  }
}

/** A node that can never succeed. */
function refuse(run: RunState, id: number, error: Error): Input {
  const text = error instanceof DefinitionError ? error.issues.map(issueText).join("\n") : error.message;
  const shown = Object.assign(new Error(text), { name: error.name, stack: error.stack ?? text });
  run.failing.set(id, {
    failed: { reason: "error", error: errorBytes(shown), errorName: error.name, retriable: false },
    output: {},
  });
  return { kind: "node-refused", node: id };
}

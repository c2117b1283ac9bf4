/** Turning nodes that are to start into a batch for an executor. */
import { inUnit } from "../model/resources.ts";
import type { Batch, BatchJob } from "../execute/executor.ts";
import type { ItemExtra, ItemLinks, TaskInfo, UpstreamValue } from "../execute/protocol.ts";
import type { Definition } from "../model/definition.ts";
import { PickError, unlink } from "../model/call.ts";
import { fillName } from "../model/name.ts";
import type { TaskSources } from "../model/source.ts";
import { watchesAttempts } from "../model/timeout.ts";
import type { Graph, PlannedNode } from "../plan/graph.ts";
import type { RunFiles } from "./file_rules.ts";
import type { Variant } from "./variant.ts";
import type { ResultTable } from "./results.ts";

/** What a batch is made from. */
export interface BatchSource {
  readonly graph: Graph;
  readonly results: ResultTable;
  readonly files: RunFiles;
  /** Whether a node's result is to be made anew. */
  readonly isForced: (node: number) => boolean;
  /** What a call gave the last time, where hosts cannot look. */
  readonly latestOf: (
    node: PlannedNode,
  ) => { readonly bytes: Uint8Array; readonly follow: boolean } | undefined;
  /** The index of a node's task. */
  readonly taskOf: (node: number) => number;
  /** How a node's call is run. */
  readonly variantOf: (node: number) => Variant;
  /** The id of the run. */
  readonly run: string;
  /** The value of a node that has one. */
  readonly valueOf: (node: number) => unknown;
  /** What is left of the time for all attempts of a node that starts now, in milliseconds; 0 without limit. */
  readonly timeLeftOf: (node: number) => number;
  /** Which try a node is at. */
  readonly attemptOf: (node: number) => number;
  /** The validity to publish under; empty when nothing is stored. */
  readonly validityOf: (node: number) => string;
}

let batches = 0;

/** Makes a batch. */
export function makeBatch(source: BatchSource, lane: number, nodes: readonly number[]): Batch {
  const { graph, results } = source;
  const planned = nodes.map((node) => graph.nodes[node]!);
  const bytes = new Uint8Array(
    planned.reduce((sum, node) => sum + node.call.size + (node.deps?.bytes.length ?? 0), 0),
  );
  const ends: number[] = [];
  const values: UpstreamValue[] = [];
  const places = new Map<number, number>();
  const place = (upstream: number): number => {
    let index = places.get(upstream);
    if (index === undefined) {
      places.set(upstream, index = values.length);
      const { digest, bytes, file } = results.get(upstream);
      const { task, key } = graph.nodes[upstream]!.call;
      values.push({ task: task.name, key, digest, ...(bytes !== undefined ? { bytes } : { file: file! }) });
    }
    return index;
  };
  let used = 0;
  let linked = false;
  const links = planned.map((node): ItemLinks | undefined => {
    node.call.copyTo(bytes, used);
    ends.push(used += node.call.size);
    if (node.deps !== undefined) {
      bytes.set(node.deps.bytes, used);
      used += node.deps.bytes.length;
    }
    ends.push(used);
    if (node.inputs.length === 0 && (node.deps === undefined || node.deps.nodes.length === 0)) {
      return undefined;
    }
    linked = true;
    return { inputs: node.inputs.map(place), deps: node.deps?.nodes.map(place) ?? [] };
  });
  let special = false;
  const extras = planned.map((node): ItemExtra | undefined => {
    const extra = extraOf(source, node, place);
    special ||= extra !== undefined;
    return extra;
  });
  const variant = source.variantOf(nodes[0]!);
  const { timeout } = variant.manner;
  const heap = heapOf(variant);
  return {
    id: batches++,
    lane,
    nodes,
    tasks: nodes.map(source.taskOf),
    attempts: nodes.map(source.attemptOf),
    keys: planned.map((node) => node.call.key),
    validities: nodes.map(source.validityOf),
    bytes,
    ends,
    values: packed(values),
    links: linked ? links : [],
    extras: special ? extras : [],
    announce: watchesAttempts(timeout),
    timeout,
    timeLeft: source.timeLeftOf(nodes[0]!),
    ...(variant.sent !== undefined && { job: jobOf(source, variant, planned) }),
    ...((variant.task.isolation === "process" || variant.sent !== undefined) && heap),
    ...(variant.task.permissions !== undefined && {
      sandbox: { permissions: variant.task.permissions, hermetic: variant.task.hermetic, ...heap },
    }),
  };
}

/** What the heap of a process may hold: as much as its task asks for. Below some megabytes nothing would start. */
function heapOf({ manner }: Variant): { readonly heap: number } | undefined {
  const { mem } = manner.resources;
  return mem === undefined ? undefined : { heap: Math.max(64, inUnit(mem, "m")) };
}

/** What a job that runs nodes is to be told of. */
function jobOf(source: BatchSource, { manner, sent }: Variant, nodes: readonly PlannedNode[]): BatchJob {
  const first = nodes[0]!;
  const input = nodes.length > 1 ? undefined : inputOf(source, first);
  return {
    fields: {
      task: first.call.task.name,
      call: source.graph.describe(first),
      key: first.call.key,
      attempt: source.attemptOf(first.id),
      run: source.run,
      label: sent!.label,
      input: textFields(input),
    },
    resources: manner.resources,
    call: source.graph.describe(first),
  };
}

/** The input of a node; nothing where a pick does not fit: its attempt fails by that. */
function inputOf(source: BatchSource, { call, inputs }: PlannedNode): unknown {
  try {
    return unlink(call.bytes, (number) => source.valueOf(inputs[number]!));
  } catch (error) {
    if (error instanceof PickError) return undefined;
    throw error;
  }
}

/** The fields of an input that are texts, numbers or truth values, as texts. */
function textFields(input: unknown): Readonly<Record<string, string>> {
  if (typeof input !== "object" || input === null) return {};
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) =>
      ["string", "number", "boolean", "bigint"].includes(typeof value)
    ).map(([name, value]) => [name, String(value)]),
  );
}

/** What few nodes have. */
function extraOf(
  { graph, files, isForced, latestOf }: BatchSource,
  node: PlannedNode,
  place: (upstream: number) => number,
): ItemExtra | undefined {
  const named = graph.namedUpstreams(node);
  const more = graph.extraValues(node);
  const rules = files.known(node.id);
  const forced = isForced(node.id);
  const latest = latestOf(node);
  if (named.length === 0 && rules === undefined && !forced && latest === undefined) return undefined;
  const found = rules && (files.foundOf(node.id) ?? files.find(node, rules));
  return {
    ...(forced && { anew: true as const }),
    ...(latest !== undefined && { latest }),
    ...(named.length > 0 && { names: namesOf(graph, named).map(([name, id]) => [name, place(id)] as const) }),
    ...(more.length > 0 && { more: more.map(place) }),
    ...(found !== undefined && { files: found.files, trigger: rules!.trigger }),
    ...(found?.folders !== undefined && node.call.task.permissions !== undefined &&
      { folders: found.folders }),
    ...(found?.shared !== undefined && { shared: found.shared }),
    ...(rules !== undefined && rules.outputs.length > 0 && { outputs: rules.outputs }),
  };
}

/** Nodes by the names that tasks know them by: filled-out templates, and the task's own name for its first call. */
function namesOf(graph: Graph, nodes: readonly number[]): [name: string, node: number][] {
  const names = new Map<string, number>();
  for (const id of nodes) {
    const { call } = graph.nodes[id]!;
    const { name } = call.task;
    const full = name.includes("[") ? fillName(name, unlink(call.bytes, () => undefined)) : name;
    if (!names.has(full)) names.set(full, id);
  }
  return [...names];
}

/** The same values with their bytes in one buffer of their own: what is sent is copied buffer by buffer. */
export function packed<Value extends { readonly bytes?: Uint8Array }>(
  values: readonly Value[],
): readonly Value[] {
  if (values.length === 0) return values;
  const buffer = new Uint8Array(values.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0));
  let used = 0;
  return values.map((value) => {
    if (value.bytes === undefined) return value;
    const start = used;
    buffer.set(value.bytes, start);
    used += value.bytes.length;
    return { ...value, bytes: buffer.subarray(start, used) };
  });
}

/** What hosts are told of a task. */
export function taskInfo(
  index: number,
  task: Definition,
  store: boolean,
  { sources, ...code }: TaskInfo["code"] & { readonly sources?: TaskSources | undefined },
  env: readonly string[],
  modules: readonly string[],
): TaskInfo {
  const { name, frames } = task;
  return { index, name, frames, modules, store, code, env, ...(sources !== undefined && { sources }) };
}

/** The graph of a run: nodes made from calls, each key once, and the edges between them. */
import { type Call, link, unlink } from "../model/call.ts";
import type { Issue } from "../model/failure.ts";
import { isFuture } from "../model/future.ts";
import type { Key } from "../model/id.ts";
import { fillName } from "../model/name.ts";
import { readableCall, Reference } from "../model/readable.ts";
import { stored } from "../model/slab.ts";
import { userFrames } from "../model/source.ts";
import { type Definition, sameDefinition } from "../model/definition.ts";

/** A structure as bytes, with the nodes its references mean. */
export interface Bound {
  readonly bytes: Uint8Array;
  readonly nodes: readonly number[];
}

/** A call in one run's graph. */
export interface PlannedNode {
  /** Its index in the graph. */
  readonly id: number;
  /** The call. */
  readonly call: Call<unknown>;
  /** The nodes that the references in its input mean. */
  readonly inputs: readonly number[];
  /** What `deps` returned; `undefined` while it has not been asked, or when the task declares none. */
  deps: Bound | undefined;
}

/** More nodes than this are taken for a recursion without end: they would not fit into the memory of a runtime either. */
const MOST_NODES = 4_000_000;

const NONE: readonly number[] = [];

/** The graph of a run; it only grows. */
export class Graph {
  /** The nodes, by id. */
  readonly nodes: PlannedNode[] = [];
  /** What was found wrong so far. */
  readonly issues: Issue[] = [];
  private readonly ids = new Map<Key, number>();
  private readonly names = new Map<string, Definition>();
  /** The nodes whose upstreams have not been looked at. */
  private worklist: PlannedNode[] = [];
  private usesDeps = false;

  /** The node of a key, or `undefined`. */
  find(key: Key): PlannedNode | undefined {
    const id = this.ids.get(key);
    return id === undefined ? undefined : this.nodes[id];
  }

  /**
   * Adds a structure's calls, and all their upstream calls, to the graph.
   *
   * @returns the structure as bytes with the nodes it refers to; the nodes that are new are those from the earlier `nodes.length` on.
   * @throws {CodecError} naming the path of a value that cannot be cloned.
   */
  bind(structure: unknown, root: string): Bound {
    const { bytes, upstreams } = link(structure, { canonical: false, root });
    const place = stored(bytes);
    const nodes = upstreams.map((call) => this.intern(call));
    this.grow();
    return { bytes: place.slab.subarray(place.start, place.end), nodes };
  }

  /** Evaluates a node's `deps` with the values of its input's futures; problems become issues. */
  expand(node: PlannedNode, valueOf: (upstream: number) => unknown): Bound | undefined {
    const { deps } = node.call.task;
    if (deps === undefined) return undefined;
    this.usesDeps = true;
    try {
      const record = (deps as (input: unknown) => unknown)(unlink(node.call.bytes, valueOf));
      if (isFuture(record) || typeof record !== "object" || record === null) {
        throw new TypeError("`deps` must return a record of calls, as in { data: load(…) }");
      }
      const { bytes, upstreams } = link(record, { canonical: false, root: "deps" });
      const place = stored(bytes);
      node.deps = {
        bytes: place.slab.subarray(place.start, place.end),
        nodes: upstreams.map((call) => this.intern(call)),
      };
    } catch (error) {
      const at = userFrames((error as Error | null | undefined)?.stack)[0] ?? node.call.task.frames[0];
      const problem = `\`deps\` threw for ${this.describe(node)}: ${
        error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      }`;
      this.issues.push({ kind: "bad-deps", task: node.call.task.name, problem, ...(at && { at }) });
    }
    return node.deps;
  }

  /** Looks at the upstreams of new nodes until there are no new ones. */
  grow(): void {
    for (
      let node = this.worklist.pop();
      node !== undefined && this.issues.length < 20;
      node = this.worklist.pop()
    ) {
      const { call } = node;
      (node as { inputs: readonly number[] }).inputs = call.upstreams.length === 0
        ? NONE
        : call.upstreams.map((upstream) => this.intern(upstream));
      if (call.task.deps !== undefined && call.upstreams.length === 0) this.expand(node, () => undefined);
      if (this.nodes.length > MOST_NODES) {
        this.issues.push({
          kind: "endless-graph",
          nodes: MOST_NODES,
          path: this.nodes.slice(-5).map((one) => this.describe(one)),
        });
        break;
      }
    }
    this.worklist = [];
  }

  /** All nodes that a node waits for, as far as they are known. */
  upstreams(node: PlannedNode): readonly number[] {
    if (node.deps === undefined || node.deps.nodes.length === 0) return node.inputs;
    return node.inputs.length === 0 ? node.deps.nodes : [...node.inputs, ...node.deps.nodes];
  }

  /** Whether `deps` has still to be asked, because the input holds futures. */
  isOpen(node: PlannedNode): boolean {
    return node.deps === undefined && node.call.task.deps !== undefined;
  }

  /**
   * Finds nodes that wait for each other and adds them, as a path, to the issues.
   *
   * @param returned the nodes of the calls that a node's task has returned.
   */
  findCycles(returned?: (id: number) => readonly number[]): void {
    if (!this.usesDeps && returned === undefined) return;
    const waitsFor = (node: PlannedNode): readonly number[] => {
      const more = returned?.(node.id) ?? NONE;
      return more.length === 0 ? this.upstreams(node) : [...this.upstreams(node), ...more];
    };
    const left = new Int32Array(this.nodes.length);
    const dependents: (number[] | undefined)[] = [];
    const free: number[] = [];
    for (let id = 0; id < this.nodes.length; id++) {
      let count = 0;
      for (const up of waitsFor(this.nodes[id]!)) {
        count++;
        (dependents[up] ??= []).push(id);
      }
      left[id] = count;
      if (count === 0) free.push(id);
    }
    let done = 0;
    for (let id = free.pop(); id !== undefined; id = free.pop()) {
      done++;
      for (const dependent of dependents[id] ?? []) if (--left[dependent]! === 0) free.push(dependent);
    }
    if (done < this.nodes.length) this.issues.push({ kind: "cycle", path: this.cyclePath(left, waitsFor) });
  }

  /** A round trip among nodes that are left over. */
  private cyclePath(left: Int32Array, waitsFor: (node: PlannedNode) => readonly number[]): string[] {
    const seen = new Map<number, number>();
    const path: number[] = [];
    let id = left.findIndex((count) => count > 0);
    while (!seen.has(id)) {
      seen.set(id, path.length);
      path.push(id);
      id = waitsFor(this.nodes[id]!).find((up) => left[up]! > 0)!;
    }
    return [...path.slice(seen.get(id)), id].map((step) => this.describe(this.nodes[step]!));
  }

  /** A node for people: the task's name filled out, and its input. */
  describe(node: PlannedNode): string {
    const { task } = node.call;
    const input = unlink(node.call.bytes, (number) => {
      const upstream = node.call.upstreams[number]!;
      return new Reference(`${upstream.task.name}‹${upstream.key.slice(0, 8)}›`);
    });
    return task.name.includes("[") ? fillName(task.name, input) : readableCall(task.name, input);
  }

  /** The id of a call's node, made now if need be. */
  private intern(call: Call<unknown>): number {
    const known = this.ids.get(call.key);
    if (known !== undefined) {
      // Equal keys of two tasks of one name: only one of them may be meant.
      if (this.nodes[known]!.call.task !== call.task) this.checkName(call.task);
      return known;
    }
    this.checkName(call.task);
    const node: PlannedNode = { id: this.nodes.length, call, inputs: NONE, deps: undefined };
    this.nodes.push(node);
    this.ids.set(call.key, node.id);
    this.worklist.push(node);
    return node.id;
  }

  /** Notes a second task of one name. */
  private checkName(task: Definition): void {
    const named = this.names.get(task.name);
    if (named === undefined) this.names.set(task.name, task);
    if (named === undefined || named === task || sameDefinition(named, task)) return;
    if (this.issues.some((issue) => issue.kind === "duplicate-task" && issue.task === named.name)) return;
    this.issues.push({
      kind: "duplicate-task",
      task: named.name,
      at: [named, task].flatMap((one) => one.frames.slice(0, 1)),
    });
  }
}

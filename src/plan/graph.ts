/** The graph of a run: nodes made from calls, each key once, and the edges between them. */
import { type Call, link, unlink } from "../model/call.ts";
import type { Issue } from "../model/failure.ts";
import { callsNamed } from "../model/catalogue.ts";
import type { Key } from "../model/id.ts";
import { callText } from "../model/call_text.ts";
import { stored } from "../model/slab.ts";
import { type Definition, sameDefinition } from "../model/definition.ts";
import { allRegistered } from "../model/registry.ts";
import { cycleIn } from "./cycles.ts";
import { depsIssue, type Naming, needsInput, shapeDeps } from "./dependencies.ts";
import { ReverseIndex } from "./reverse.ts";

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

/** So many issues are enough. */
const MOST_ISSUES = 20;

const NONE: readonly number[] = [];

/** What few nodes have. */
interface More {
  /** Reverse dependencies: they run before, and their values are known by name. */
  readonly values: number[];
  /** Nodes that only run before. */
  readonly after: number[];
  conditional: boolean;
  missing: readonly string[] | undefined;
}

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
  private mayCycle = false;
  private readonly extras = new Map<number, More>();
  private readonly reverse: ReverseIndex;
  /** How many nodes the scheduler has: what is to run before whom is settled for them. */
  scheduled = 0;

  /** Takes where names are looked up; by default among all tasks of this thread. */
  constructor(readonly naming: Naming = { allowMissing: false }) {
    this.reverse = new ReverseIndex(naming.tasks ?? allRegistered(), naming);
  }

  /** Reverse dependencies on what there is not become issues, unless that is allowed. */
  checkReverse(): void {
    if (this.naming.allowMissing || this.reverse.empty) return;
    const strays = this.reverse.strays(this.naming.tasks ?? allRegistered());
    for (const { task, problem } of strays) this.refuse(task, problem);
  }

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
    this.mayCycle = true;
    // A value that is gone, or not what a pick wants, is no fault of `deps`.
    const input = needsInput(deps) ? unlink(node.call.bytes, valueOf) : undefined;
    try {
      const { structure, conditional, missing, problems } = shapeDeps(deps, input, this.naming);
      const { bytes, upstreams } = link(structure, { canonical: false, root: "deps" });
      const place = stored(bytes);
      node.deps = {
        bytes: place.slab.subarray(place.start, place.end),
        nodes: upstreams.map((call) => this.intern(call)),
      };
      if (conditional) this.more(node).conditional = true;
      if (missing.length > 0) this.more(node).missing = missing;
      for (const what of problems) {
        this.refuse(node.call.task, `\`deps\` of ${this.describe(node)}: ${what}`);
      }
    } catch (error) {
      this.issues.push(depsIssue(node.call, this.describe(node), error));
    }
    return node.deps;
  }

  /** Looks at the upstreams of new nodes until there are no new ones. */
  grow(): void {
    const { issues, nodes } = this;
    while (this.worklist.length > 0 && issues.length < MOST_ISSUES) {
      const node = this.worklist.pop()!;
      const { call } = node;
      (node as { inputs: readonly number[] }).inputs = call.upstreams.length === 0
        ? NONE
        : call.upstreams.map((upstream) => this.intern(upstream));
      const { deps } = call.task;
      if (deps !== undefined && (call.upstreams.length === 0 || !needsInput(deps))) {
        this.expand(node, () => undefined);
      }
      if (!this.reverse.empty || call.task.rdeps.length > 0) this.reversed(node);
      if (nodes.length > MOST_NODES) {
        const path = nodes.slice(-5).map((one) => this.describe(one));
        issues.push({ kind: "endless-graph", nodes: MOST_NODES, path });
        break;
      }
    }
    this.worklist = [];
  }

  /** Puts those before a node that say they run before it, and the node before those it says. */
  private reversed(node: PlannedNode): void {
    const { call } = node;
    for (const declarer of this.reverse.declarersOf(this.describe(node), call)) {
      if ("problem" in declarer) this.refuse(declarer.task, declarer.problem);
      else this.precede(this.intern(declarer.call), node, "values");
    }
    const input = () => unlink(call.bytes, () => undefined);
    for (const { when, target } of call.task.rdeps) {
      if (when !== "scheduled") continue;
      const found = typeof target === "string"
        ? callsNamed(target, { ...this.naming, fill: input() })
        : { kind: "one" as const, call: target as Call<unknown> };
      if (found.kind === "problem") this.refuse(call.task, found.problem);
      else {
        for (const one of found.kind === "one" ? [found] : found.calls) {
          this.precede(node.id, this.nodes[this.intern(one.call)]!, "after");
        }
      }
    }
  }

  /** Puts a node before another that must not have begun. */
  private precede(first: number, node: PlannedNode, how: "values" | "after"): void {
    if (first === node.id) return;
    this.mayCycle = true;
    const list = this.more(node)[how];
    if (list.includes(first)) return;
    if (node.id < this.scheduled) {
      const { task } = this.nodes[first]!.call;
      return this.refuse(
        task,
        `${this.describe(this.nodes[first]!)} is to run before ${
          this.describe(node)
        }, which has been scheduled already: want them together from the start`,
      );
    }
    list.push(first);
  }

  private refuse(task: Definition, problem: string): void {
    const at = task.frames[0];
    this.issues.push({ kind: "bad-deps", task: task.name, problem, ...(at && { at }) });
  }

  /** What few nodes have. */
  private more(node: PlannedNode): More {
    let more = this.extras.get(node.id);
    if (more === undefined) {
      this.extras.set(node.id, more = { values: [], after: [], conditional: false, missing: undefined });
    }
    return more;
  }

  /** Puts nodes before another because it reads what they write. */
  readsFrom(node: PlannedNode, makers: readonly number[]): void {
    // A set for each of very many nodes would be felt.
    if (node.id < this.scheduled || makers.length < 8) {
      for (const maker of makers) {
        if (!this.upstreams(node).includes(maker)) this.precede(maker, node, "after");
      }
      return;
    }
    const known = new Set(this.upstreams(node)).add(node.id);
    this.mayCycle = true;
    for (const maker of new Set(makers)) if (!known.has(maker)) this.more(node).after.push(maker);
  }

  /** The nodes whose values a node is given: those in its input, in `deps`, and reverse dependencies. */
  valueUpstreams(node: PlannedNode): readonly number[] {
    // Most graphs have none of these, and there may be a million nodes.
    const more = this.extras.size === 0 ? undefined : this.extras.get(node.id);
    if (more !== undefined && more.values.length > 0) {
      return [...node.inputs, ...node.deps?.nodes ?? NONE, ...more.values];
    }
    if (node.deps === undefined || node.deps.nodes.length === 0) return node.inputs;
    return node.inputs.length === 0 ? node.deps.nodes : [...node.inputs, ...node.deps.nodes];
  }

  /** Upstream values that are neither in the input nor in `deps`. */
  extraValues(node: PlannedNode): readonly number[] {
    return this.extras.get(node.id)?.values ?? NONE;
  }

  /** The nodes whose values `ctx.results` names. */
  namedUpstreams(node: PlannedNode): readonly number[] {
    const values = this.extras.get(node.id)?.values ?? NONE;
    const deps = node.deps?.nodes ?? NONE;
    return values.length === 0 ? deps : [...deps, ...values];
  }

  /** All nodes that a node waits for, as far as they are known. */
  upstreams(node: PlannedNode): readonly number[] {
    const values = this.valueUpstreams(node);
    if (this.extras.size === 0) return values;
    const after = this.extras.get(node.id)?.after;
    return after === undefined || after.length === 0 ? values : [...values, ...after];
  }

  /** Whether a node starts only when nothing else is left to do and nothing has failed. */
  isConditional(node: PlannedNode): boolean {
    return this.extras.size > 0 && (this.extras.get(node.id)?.conditional ?? false);
  }

  /** The dependencies of a node that nothing is called, where that is allowed. */
  missing(node: PlannedNode): readonly string[] | undefined {
    return this.extras.get(node.id)?.missing;
  }

  /** Whether the engine has still to be asked about `deps`: because the input holds futures, or to refuse the node. */
  isOpen(node: PlannedNode): boolean {
    return node.deps === undefined && node.call.task.deps !== undefined ||
      this.extras.size > 0 && this.missing(node) !== undefined;
  }

  /**
   * Finds nodes that wait for each other and adds them, as a path, to the issues.
   *
   * @param returned the nodes of the calls that a node's task has returned, or waits for.
   */
  findCycles(returned?: (id: number) => readonly number[]): void {
    if (!this.mayCycle && returned === undefined) return;
    const path = cycleIn({
      count: this.nodes.length,
      of: (id) => {
        const more = returned?.(id) ?? NONE;
        return more.length === 0
          ? this.upstreams(this.nodes[id]!)
          : [...this.upstreams(this.nodes[id]!), ...more];
      },
    });
    if (path === undefined) return;
    const nodes = path.map((id) => this.nodes[id]!);
    const at = nodes.map(({ call }) => call.task.frames[0]);
    this.issues.push({ kind: "cycle", path: nodes.map((node) => this.describe(node)), at });
  }

  /** A node for people: the task's name filled out, and its input. */
  describe(node: PlannedNode): string {
    return callText(node.call);
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
    const at = [named, task].flatMap((one) => one.frames.slice(0, 1));
    this.issues.push({ kind: "duplicate-task", task: named.name, at });
  }
}

/** Choosing among the calls of a graph: which may run, by name, tag, and what stands before or after them. */
import { baseName } from "../model/name.ts";
import { didYouMean } from "../model/suggest.ts";
import type { Issue } from "../model/failure.ts";
import type { Graph, PlannedNode } from "./graph.ts";

/** Which calls of a run may run; all conditions must hold. Patterns are names, globs, `tag:` and a label; `x...` means with dependents, `...x` with dependencies. */
export interface Selection {
  /** Only these. */
  readonly only?: readonly string[];
  /** Not these, and nothing that depends on them. */
  readonly omit?: readonly string[];
  /** These and what they depend on. */
  readonly until?: readonly string[];
  /** These and what depends on them. */
  readonly from?: readonly string[];
}

/** What a selection came to. */
export interface Selected {
  /** By node: 1 when it may not run. */
  readonly leftOut: Uint8Array;
  /** Patterns that fit nothing. */
  readonly issues: readonly Issue[];
}

/** Works out which nodes a selection leaves out. */
export function selectNodes(graph: Graph, selection: Selection): Selected {
  const count = graph.nodes.length;
  const names = graph.nodes.map((node) => graph.describe(node));
  const issues: Issue[] = [];
  const leftOut = new Uint8Array(count);
  const search = new Search(graph, names, issues);
  const keep = (option: string, patterns: readonly string[] | undefined, which: Which): void => {
    if (patterns === undefined || patterns.length === 0) return;
    const kept = search.all(option, patterns, which);
    for (let id = 0; id < count; id++) if (!kept.has(id)) leftOut[id] = 1;
  };
  keep("only", selection.only, { before: false, after: false });
  keep("until", selection.until, { before: true, after: false });
  keep("from", selection.from, { before: false, after: true });
  if (selection.omit !== undefined && selection.omit.length > 0) {
    for (const id of search.all("omit", selection.omit, { before: false, after: true })) leftOut[id] = 1;
  }
  return { leftOut, issues };
}

/** The nodes that one pattern means, and what is wrong with it; `option` is what it was given for. */
export function matchNodes(
  graph: Graph,
  option: string,
  pattern: string,
): { readonly nodes: ReadonlySet<number>; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const search = new Search(graph, graph.nodes.map((node) => graph.describe(node)), issues);
  return { nodes: search.all(option, [pattern], { before: false, after: false }), issues };
}

/** Whether a pattern without `...` means a node. */
export function matchesName(graph: Graph, node: PlannedNode, pattern: string): boolean {
  const { task } = node.call;
  if (pattern.startsWith("tag:")) return task.labels.includes(pattern.slice("tag:".length));
  const fits = patternOf(pattern);
  return fits(graph.describe(node)) || fits(task.name) || baseName(task.name) === pattern;
}

/** Whether what stands before nodes, or after them, belongs to them. */
interface Which {
  readonly before: boolean;
  readonly after: boolean;
}

/** Finds nodes by patterns. */
class Search {
  private dependents: (number[] | undefined)[] | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly names: readonly string[],
    private readonly issues: Issue[],
  ) {}

  /** The nodes that any of the patterns means. */
  all(option: string, patterns: readonly string[], which: Which): Set<number> {
    const found = new Set<number>();
    for (const pattern of patterns) {
      const before = which.before || pattern.startsWith("...");
      const after = which.after || pattern.endsWith("...");
      const bare = pattern.replace(/^\.\.\./, "").replace(/\.\.\.$/, "");
      const own = this.named(bare);
      if (own.length === 0) this.issues.push(this.nothing(option, bare));
      this.spread(own, before ? (id) => this.graph.upstreams(this.graph.nodes[id]!) : undefined, found);
      this.spread(own, after ? (id) => this.dependentsOf(id) : undefined, found);
    }
    return found;
  }

  /** The nodes that a name, a glob or a tag means. */
  private named(pattern: string): number[] {
    const { nodes } = this.graph;
    const ids = nodes.map((node) => node.id);
    if (pattern.startsWith("tag:")) {
      const tag = pattern.slice("tag:".length);
      return ids.filter((id) => nodes[id]!.call.task.labels.includes(tag));
    }
    const fits = patternOf(pattern);
    return ids.filter((id) => {
      const { name } = nodes[id]!.call.task;
      return fits(this.names[id]!) || fits(name) || baseName(name) === pattern;
    });
  }

  /** Nodes, and what can be reached from them. */
  private spread(
    start: readonly number[],
    next: ((id: number) => readonly number[]) | undefined,
    found: Set<number>,
  ): void {
    const seen = new Set<number>(start);
    const open = [...start];
    for (const id of start) found.add(id);
    if (next === undefined) return;
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const other of next(id)) {
        if (seen.has(other)) continue;
        seen.add(other);
        found.add(other);
        open.push(other);
      }
    }
  }

  private dependentsOf(id: number): readonly number[] {
    if (this.dependents === undefined) {
      this.dependents = [];
      for (const node of this.graph.nodes) {
        for (const up of this.graph.upstreams(node)) (this.dependents[up] ??= []).push(node.id);
      }
    }
    return this.dependents[id] ?? [];
  }

  private nothing(option: string, pattern: string): Issue {
    const names = [
      ...new Set(this.graph.nodes.flatMap((node) => [this.names[node.id]!, node.call.task.name])),
    ];
    return {
      kind: "bad-target",
      problem: `--${option} ${pattern}: no call of this run is called so${didYouMean(pattern, names)}`,
    };
  }
}

/** Whether a task is meant by a name or a glob. */
export function meansTask(pattern: string): (task: string) => boolean {
  const fits = patternOf(pattern);
  return (task) => fits(task) || baseName(task) === pattern;
}

/** Whether a name fits a pattern in which `*` and `?` stand for any characters and for one. */
function patternOf(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  const text = pattern.split(/([*?])/).map((part) =>
    part === "*" ? ".*" : part === "?" ? "." : part.replace(/[.+^${}()|[\]\\]/g, "\\$&")
  ).join("");
  const regex = new RegExp(`^${text}$`, "su");
  return (name) => regex.test(name);
}

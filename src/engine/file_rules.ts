/** The files of a run's calls: what they declare, who makes what, and what was found. */
import { unlink } from "../model/call.ts";
import { DefinitionError, type Issue } from "../model/failure.ts";
import type { Files, FoundFiles } from "../model/file_ports.ts";
import { arePlain, type FileRules, type InputRule, type OutputRule } from "../model/files.ts";
import type { Graph, PlannedNode } from "../plan/graph.ts";
import { Producers } from "../plan/producers.ts";

/** Whether more than plain paths is asked about. */
export function needsGlobs({ inputs, ignore, outputs, plain }: FileRules): boolean {
  if (plain) return false;
  return ignore.length > 0 || inputs.some((rule) => !("root" in Object(rule)) && isPattern(pathOf(rule))) ||
    outputs.some((rule) => isPattern(pathOf(rule)));
}

const pathOf = (rule: InputRule | OutputRule): string =>
  typeof rule === "string" ? rule : "path" in rule ? rule.path : "";
const isPattern = (path: string): boolean => /^!|[*?[\]{}()]/.test(path);

const NO_VALUES = (): undefined => undefined;

/** Declared files, by node. */
export class RunFiles {
  private readonly rules: (FileRules | undefined)[] = [];
  private readonly found: (FoundFiles | undefined)[] = [];
  private readonly producers = new Producers();
  private planned = 0;

  constructor(
    private readonly graph: Graph,
    private readonly files: (globs?: boolean) => Files,
    /** What is never an input, of no task. */
    private readonly ignore: readonly string[] = [],
  ) {}

  /** Looks at the nodes that are new: who makes what is settled before they are scheduled. */
  plan(): void {
    const fresh: (readonly [PlannedNode, FileRules])[] = [];
    for (; this.planned < this.graph.nodes.length; this.planned++) {
      const node = this.graph.nodes[this.planned]!;
      if (node.call.task.files === undefined || node.call.upstreams.length > 0) continue;
      try {
        fresh.push([node, this.learn(node, NO_VALUES)]);
      } catch (error) {
        if (!(error instanceof DefinitionError)) throw error;
        this.graph.issues.push(...error.issues);
      }
    }
    for (const [node, rules] of fresh) {
      const makers = this.producers.makersOf(rules);
      if (makers.length > 0) this.graph.readsFrom(node, makers);
    }
  }

  /**
   * What a node declares; `undefined` when it declares nothing.
   *
   * @throws {DefinitionError} when a function of it throws, or another call makes the same file.
   */
  rulesOf(node: PlannedNode, valueOf: (upstream: number) => unknown): FileRules | undefined {
    if (node.call.task.files === undefined) return undefined;
    return this.rules[node.id] ?? this.learn(node, valueOf);
  }

  /** Finds the input files of a node, now. */
  find(node: PlannedNode, rules: FileRules): FoundFiles {
    const found = this.files(needsGlobs(rules)).find(rules);
    this.found[node.id] = found;
    return found;
  }

  /** What was found when the node was looked up last. */
  foundOf(node: number): FoundFiles | undefined {
    return this.found[node];
  }

  /** What was found is not needed any more: the node does not run. */
  forget(node: number): void {
    this.found[node] = undefined;
  }

  /** The rules, if they are known. */
  known(node: number): FileRules | undefined {
    return this.rules[node];
  }

  /** Everything that was declared, for whoever watches. */
  get all(): Iterable<FileRules> {
    return this.rules.filter((rules) => rules !== undefined);
  }

  private learn(node: PlannedNode, valueOf: (upstream: number) => unknown): FileRules {
    const { task } = node.call;
    const [at] = task.frames;
    let rules: FileRules;
    try {
      rules = task.files!(unlink(node.call.bytes, valueOf));
    } catch (error) {
      const problem = `${this.graph.describe(node)}: ${(error as Error).message}`;
      throw new DefinitionError([{ kind: "bad-task", task: task.name, problem, ...(at && { at }) }]);
    }
    if (this.ignore.length > 0) rules = { ...rules, ignore: [...rules.ignore, ...this.ignore] };
    else if (arePlain(rules)) rules = { ...rules, plain: true };
    const clash = this.producers.add(node.id, rules);
    if (clash !== undefined) throw new DefinitionError([this.clashIssue(clash.path, clash.other, node)]);
    this.rules[node.id] = rules;
    return rules;
  }

  private clashIssue(path: string, other: number, node: PlannedNode): Issue {
    const one = this.graph.nodes[other]!;
    return {
      kind: "two-producers",
      path,
      calls: [this.graph.describe(one), this.graph.describe(node)],
      at: [one, node].flatMap((each) => each.call.task.frames.slice(0, 1)),
    };
  }
}

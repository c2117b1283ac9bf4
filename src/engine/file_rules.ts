/** The files of a run's calls: what they declare, who makes what, and what was found. */
import { PickError, unlink } from "../model/call.ts";
import { DefinitionError, type Issue } from "../model/failure.ts";
import type { Files, FoundFiles } from "../model/file_ports.ts";
import { arePlain, type FileRules, mayBePattern } from "../model/files.ts";
import type { Graph, PlannedNode } from "../plan/graph.ts";
import { type LikelyEdge, settleLikely } from "../plan/likely.ts";
import { ruleProblem } from "../plan/rule_problems.ts";
import { type Clash, Producers } from "../plan/producers.ts";
import { program } from "../runtime/program.ts";
import { Spelling } from "../store/files/spelling.ts";

/** Whether more than plain paths is asked about. */
export function needsGlobs({ inputs, ignore, outputs, plain }: FileRules): boolean {
  if (plain) return false;
  return ignore.length > 0 || inputs.some(mayBePattern) || outputs.some(mayBePattern);
}

/** More pairs of calls than this are not put in order by guesses. */
const MOST_GUESSES = 2_000_000;

const NO_VALUES = (): undefined => undefined;

/** Declared files, by node. */
export class RunFiles {
  private readonly rules: (FileRules | undefined)[] = [];
  private readonly found: (FoundFiles | undefined)[] = [];
  private readonly producers: Producers;
  /** The one spelling of a path. */
  private readonly shown: (path: string) => string;
  /** Files of outputs that are not named one by one: the nodes that have made them, or found them right. */
  private readonly makers = new Map<string, number>();
  private readonly notes: string[] = [];
  private planned = 0;

  constructor(
    private readonly graph: Graph,
    private readonly files: (globs?: boolean) => Files,
    /** What is never an input, of no task. */
    private readonly ignore: readonly string[] = [],
  ) {
    const spelling = new Spelling(program.cwd());
    this.shown = (path) => path.startsWith("!") ? `!${spelling.shown(path.slice(1))}` : spelling.shown(path);
    this.producers = new Producers(this.shown);
  }

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
    const guesses: LikelyEdge[] = [];
    for (const [node, rules] of fresh) {
      const { sure, likely } = this.producers.makersOf(rules);
      if (sure.length > 0) this.graph.readsFrom(node, sure);
      if (guesses.length > MOST_GUESSES) continue;
      for (const maker of likely) guesses.push([maker, node.id]);
    }
    if (guesses.length > 0) this.order(guesses);
  }

  /** Puts calls in order of which one may read what the other makes. */
  private order(guesses: readonly LikelyEdge[]): void {
    if (guesses.length > MOST_GUESSES) {
      this.notes.push(
        `more than ${MOST_GUESSES} pairs of calls of which one may read what the other makes, by patterns and folders: ` +
          "not all of them are put in order by that; say it with `deps`",
      );
    }
    const { kept, dropped } = settleLikely(this.graph, guesses);
    // Those of one reader come one after another.
    for (let at = 0, end = 0; at < kept.length; at = end) {
      const reader = kept[at]![1];
      while (kept[end]?.[1] === reader) end++;
      this.graph.readsFrom(this.graph.nodes[reader]!, kept.slice(at, end).map(([maker]) => maker));
    }
    const [first] = dropped;
    if (first === undefined) return;
    const [maker, reader] = first.map((id) => this.graph.describe(this.graph.nodes[id]!));
    const more = dropped.length > 1 ? ` (and ${dropped.length - 1} more such pairs)` : "";
    this.notes.push(
      `${reader} may read what ${maker} makes, and ${maker} waits for it: they are not put in order by that${more}; ` +
        `leave those files out of the inputs of ${reader} with "!…"`,
    );
  }

  /** Takes what a user should know of the plan. */
  warnings(): readonly string[] {
    return this.notes.splice(0);
  }

  /**
   * Notes files that a node has made, or that were right already.
   *
   * @throws {Error} when another call of the run has made one of them too: which, only the files themselves could tell.
   */
  made(node: number, paths: Iterable<string>): void {
    const { producers, makers } = this;
    if (!producers.hasPatterns) return;
    for (const path of paths) {
      const other = producers.declarerOf(path) ?? makers.get(path);
      if (other !== undefined && other !== node && !producers.isExcepted(other, node, path)) {
        const [one, two] = [other, node].map((id) => this.graph.describe(this.graph.nodes[id]!));
        const error = new Error(
          `${one} and ${two} have both written ${path}; let one of them write it, or leave it out of the outputs of the other`,
        );
        throw Object.assign(error, { name: "TwoProducers", stack: `TwoProducers: ${error.message}` });
      }
      makers.set(path, node);
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
      if (error instanceof PickError) throw error;
      const problem = `${this.graph.describe(node)}: ${(error as Error).message}`;
      throw new DefinitionError([{ kind: "bad-task", task: task.name, problem, ...(at && { at }) }]);
    }
    if (this.ignore.length > 0) rules = { ...rules, ignore: [...rules.ignore, ...this.ignore] };
    else if (arePlain(rules)) rules = { ...rules, plain: true };
    const problem = ruleProblem(rules, this.shown);
    if (problem !== undefined) {
      const said = `${this.graph.describe(node)}: ${problem}`;
      throw new DefinitionError([{ kind: "bad-task", task: task.name, problem: said, ...(at && { at }) }]);
    }
    const clash = this.producers.add(node.id, rules);
    if (clash !== undefined) throw new DefinitionError([this.clashIssue(clash, node)]);
    this.rules[node.id] = rules;
    return rules;
  }

  private clashIssue({ path, other }: Clash, node: PlannedNode): Issue {
    const one = this.graph.nodes[other]!;
    return {
      kind: "two-producers",
      path,
      calls: [this.graph.describe(one), this.graph.describe(node)],
      at: [one, node].flatMap((each) => each.call.task.frames.slice(0, 1)),
    };
  }
}

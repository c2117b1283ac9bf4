/**
 * The names by which rules and limits find calls: what a call is called when its name is filled out, the name of its task, the name
 * before the placeholders, and the labels that its task declares, the more particular ones first.
 */
import type { Definition } from "../model/definition.ts";
import { baseName, templateSpans } from "../model/name.ts";
import { didYouMean } from "../model/suggest.ts";
import type { Graph, PlannedNode } from "../plan/graph.ts";
import type { Manner } from "./manner.ts";
import type { RunOptions } from "./options.ts";

/** The options that speak of labels, with what each is called on the command line. */
const OPTIONS = [
  ["limits", "limit"],
  ["sharedLimits", "shared-limit"],
  ["pools", "pool"],
  ["prefixes", "prefix"],
  ["dispatch", "dispatch"],
] as const;

/** What options say by label. */
export type ByLabel = Pick<RunOptions, (typeof OPTIONS)[number][0]>;

/** Finds the labels of calls. */
export class PlaceLabels {
  private readonly named: ReadonlySet<string>;
  private readonly tasks = new Map<Definition, boolean>();

  constructor(private readonly graph: Graph, options: ByLabel) {
    this.named = new Set(OPTIONS.flatMap(([option]) => Object.keys(options[option] ?? {})));
  }

  /** Whether single calls of a task are spoken of. */
  singles(task: Definition): boolean {
    let singles = this.tasks.get(task);
    if (singles === undefined) {
      this.tasks.set(task, singles = [...this.named].some((label) => isFilled(task.name, label)));
    }
    return singles;
  }

  /** The label that means this call alone. */
  single(node: PlannedNode): string | undefined {
    if (!this.singles(node.call.task)) return undefined;
    const name = this.graph.describe(node);
    return this.named.has(name) ? name : undefined;
  }

  /** All labels of a call. */
  of(node: PlannedNode, { labels: [name, ...declared] }: Manner): readonly string[] {
    const [single, base] = [this.single(node), baseName(name!)];
    return [
      ...new Set([...(single === undefined ? [] : [single]), name!, ...(base ? [base] : []), ...declared]),
    ];
  }
}

/** Whether a name is that of a template with its placeholders filled out. */
function isFilled(template: string, name: string): boolean {
  return name !== template && templateSpans(template, name) !== undefined;
}

/** A label that no task has. */
export interface UnknownLabel {
  /** As the command line calls what speaks of it. */
  readonly option: string;
  readonly label: string;
  /** What was meant, or what there is. */
  readonly hint: string;
}

/** The labels in options that mean nothing, among tasks that there are. */
export function unknownLabels(
  tasks: readonly Definition[],
  options: ByLabel & Pick<RunOptions, "overrides">,
): UnknownLabel[] {
  const given = Object.values(options.overrides ?? {}).flatMap(({ labels = [] }) => labels);
  const known = new Set([
    ...given,
    ...tasks.flatMap((task) => [...task.labels, baseName(task.name) ?? task.name]),
  ]);
  return OPTIONS.flatMap(([name, option]) =>
    Object.keys(options[name] ?? {}).filter((label) =>
      !known.has(label) && !tasks.some((task) => isFilled(task.name, label))
    ).map((label) => ({
      option,
      label,
      hint: didYouMean(label, known) || `; there are ${[...known].sort().slice(0, 20).join(", ")}`,
    }))
  );
}

/** Why calls run, or would run, as text: from a call down to the root causes. Pure. */
import { type Cause, causesText, causeText } from "../model/cause.ts";
import type { Style } from "./style.ts";

/** A call of a plan. */
export interface PlannedCall {
  readonly call: string;
  readonly state: "up-to-date" | "run" | "maybe" | "left-out" | "not-run" | "failed";
  readonly causes: readonly Cause[];
  /** It is left out, but may turn out to be up to date when what stands before it has run. */
  readonly undecided?: true;
  /** Why it cannot run, or would not, or on what it depends whether it does. */
  readonly error?: string;
  readonly upstreams: readonly number[];
}

/** The most lines about one call. */
const MOST_CAUSES = 20;
/** The most calls that a plan lists. */
const MOST_CALLS = 500;

/** What stands before a call in a plan. */
const MARKS: Readonly<Record<PlannedCall["state"], string>> = {
  "up-to-date": "",
  "run": "run",
  "maybe": "maybe",
  "left-out": "left out",
  "not-run": "not run",
  "failed": "fails",
};

/** What a state is called. */
function stateText({ state, undecided, error }: PlannedCall, style: Style): string {
  switch (state) {
    case "up-to-date":
      return style.good("is up to date");
    case "run":
      return style.strong("would run");
    case "maybe":
      return error === undefined
        ? "would run if what it depends on gives other results than before"
        : "may run";
    case "left-out":
      return undecided ? "is left out, or up to date" : "is left out";
    case "not-run":
      return "would not run";
    case "failed":
      return style.bad("cannot run");
  }
}

/** Explains calls one after another, each with what it comes from. */
export function renderExplanation(
  nodes: readonly PlannedCall[],
  targets: readonly number[],
  style: Style,
): string {
  const lines: string[] = [];
  for (const target of new Set(targets)) {
    if (lines.length > 0) lines.push("");
    explain(nodes, target, style, lines);
  }
  return `${lines.join("\n")}\n`;
}

/** One call, and under each upstream call that is to blame its own causes; each call once. */
function explain(nodes: readonly PlannedCall[], target: number, style: Style, lines: string[]): void {
  const { call, error } = nodes[target]!;
  lines.push(`${style.strong(call)} ${stateText(nodes[target]!, style)}`);
  if (error !== undefined) lines.push(...error.split("\n").map((line) => `  ${line}`));
  const seen = new Set([target]);
  const open: { readonly cause: Cause; readonly depth: number }[] = [];
  const add = (node: number, depth: number): void => {
    const { causes } = nodes[node]!;
    const left = causes.length - MOST_CAUSES;
    if (left > 0) {
      open.push({ cause: { kind: "file", path: `${left} more things`, change: "changed" }, depth });
    }
    for (const cause of causes.slice(0, MOST_CAUSES).reverse()) open.push({ cause, depth });
  };
  add(target, 1);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { cause, depth } = next;
    const node = "node" in cause ? cause.node : undefined;
    const again = node !== undefined && seen.has(node) && nodes[node]!.causes.length > 0;
    lines.push(
      `${"  ".repeat(depth)}${depth > 1 ? "because " : ""}${causeText(cause)}${again ? " (see above)" : ""}`,
    );
    if (node === undefined || seen.has(node)) continue;
    seen.add(node);
    add(node, depth + 1);
  }
}

/** What a run would do: the calls that would run, with why, and how many there are of each kind. */
export function renderPlan(
  nodes: readonly PlannedCall[],
  restored: readonly { readonly node: number; readonly paths: readonly string[] }[],
  style: Style,
): string {
  const lines: string[] = [];
  const concerned = nodes.filter((node) => node.state !== "up-to-date");
  for (const { call, state, causes, error, undecided } of concerned.slice(0, MOST_CALLS)) {
    const mark = undecided ? "left out, or up to date:" : MARKS[state];
    const reason = error?.split("\n")[0] ?? causesText(causes, 2);
    const why = reason === "" ? "" : style.dim(` (${reason})`);
    lines.push(`${state === "failed" ? style.bad(mark) : mark} ${call}${why}`);
  }
  if (concerned.length > MOST_CALLS) {
    lines.push(`… and ${concerned.length - MOST_CALLS} more (--json lists all)`);
  }
  for (const { node, paths } of restored) {
    const more = paths.length > 1 ? ` (+${paths.length - 1} more)` : "";
    lines.push(`restore ${paths[0]}${more} of ${nodes[node]!.call}`);
  }
  const count = (state: PlannedCall["state"]) =>
    nodes.filter((node) => node.state === state && !node.undecided).length;
  const undecided = nodes.filter((node) => node.undecided).length;
  const parts = [
    `would run ${count("run")}`,
    ...(count("maybe") > 0 ? [`perhaps ${count("maybe")}`] : []),
    `up to date ${count("up-to-date")}`,
    ...(count("left-out") > 0 ? [`left out ${count("left-out")}`] : []),
    ...(undecided > 0 ? [`left out or up to date ${undecided}`] : []),
    ...(count("not-run") > 0 ? [`not run ${count("not-run")}`] : []),
    ...(count("failed") > 0 ? [style.bad(`cannot run ${count("failed")}`)] : []),
  ];
  lines.push(parts.join(" · "));
  return `${lines.join("\n")}\n`;
}

/** The rules: each takes the tree and gives what is wrong with it. */
import {
  ADAPTER_USERS,
  ADAPTERS,
  BARRELS,
  BESIDE,
  BESIDE_FROM,
  ENTRIES,
  ENTRY_USERS,
  IMPURE,
  IMPURE_MODULES,
  LATE_LISTS,
  MOST_LINES,
  NOT_ADAPTERS,
  PORT_NAMES,
  PORTS,
  PURE_EXCEPTIONS,
  PURE_ROOMS,
  QUICK,
  RANKS,
  SLOW_MODULES,
  STATE_SETTER,
} from "./layers.ts";
import type { Edge, SourceFile, Tree } from "./tree.ts";

/** One thing that is wrong. */
export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly problem: string;
}

/** Finds what is wrong by one rule. */
export type Rule = (tree: Tree) => readonly Omit<Violation, "rule">[];

/** The room that a path stands in: a folder of `src/`, a file of `src/`, `workers`, or a file at the top. */
export function roomOf(path: string): string {
  const parts = path.split("/");
  return parts[0] === "src" ? parts[1]! : parts[0]!;
}

const isLocal = (path: string): boolean => !path.includes(":") && !path.endsWith(".d.ts");
const inSource = (file: SourceFile): boolean => file.path.startsWith("src/");

/** Why a file may not import another, or `undefined` when it may. */
function layerProblem({ from, to, dynamic }: Edge): string | undefined {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === other) return undefined;
  const allowed = ENTRIES[room];
  if (allowed !== undefined) {
    return allowed.includes(other) ? undefined : `${room} may import ${allowed.join(", ")}, not ${to}`;
  }
  if (other in ENTRIES) {
    return dynamic && ENTRY_USERS[other]?.includes(room) ? undefined : `imports the entry point ${to}`;
  }
  if (BESIDE.includes(room)) return `${room} stands beside model and imports nothing of ours, but: ${to}`;
  const rank = RANKS[room];
  if (rank === undefined) return `there is no room "${room}" in the layers`;
  if (BESIDE.includes(other)) {
    return rank >= BESIDE_FROM ? undefined : `${other} is for layer ${BESIDE_FROM} and up, not ${room}`;
  }
  const below = RANKS[other];
  if (below === undefined) return `there is no room "${other}" in the layers (${to})`;
  if (below < rank) return undefined;
  return below === rank
    ? `rooms of layer ${rank} do not know each other, but it imports ${to}`
    : `imports upwards (${rank} to ${below}): ${to}`;
}

const layers: Rule = ({ edges }) =>
  edges.filter(({ from, to }) => isLocal(from) && isLocal(to)).flatMap((edge) => {
    const problem = layerProblem(edge);
    return problem === undefined ? [] : [{ path: edge.from, problem }];
  });

/** Whether a file is an adapter. */
function isAdapter(path: string): boolean {
  if (NOT_ADAPTERS.includes(path)) return false;
  return ADAPTERS.some((one) => one.endsWith("/") ? path.startsWith(one) : path === one);
}

const adapters: Rule = ({ edges, files }) => [
  ...edges.filter(({ to }) => isAdapter(to)).flatMap(({ from, to }) => {
    const fine = /^(?:src\/wire\.ts$|src\/wire\/|workers\/)/.test(from) ||
      ADAPTER_USERS.some((user) => user.from.test(from) && user.to.test(to));
    return fine
      ? []
      : [{ path: from, problem: `adapters are for src/wire.ts, workers and tests, not: ${to}` }];
  }),
  ...files.filter((file) => inSource(file) && RANKS[roomOf(file.path)] === 3)
    .filter(({ path, code }) => PORT_NAMES.test(code) && !isAdapter(path))
    .map(({ path }) => ({ path, problem: "implements a port, so it belongs in the list of adapters" })),
];

const ports: Rule = ({ edges, files }) => [
  ...edges.filter(({ from, to, typeOnly }) => PORTS.includes(to) && roomOf(from) !== roomOf(to) && !typeOnly)
    .map(({ from, to }) => ({ path: from, problem: `ports are imported by \`import type\`: ${to}` })),
  ...PORTS.filter((port) => !files.some(({ path }) => path === port))
    .map((path) => ({ path, problem: "is listed as a port and is not there" })),
];

/** The engine takes values from layer 3 only where they do nothing: what it acts with is handed in. */
const enginePure: Rule = (tree) =>
  tree.edges.filter(({ from, to, typeOnly }) =>
    roomOf(from) === "engine" && RANKS[roomOf(to)] === 3 && !typeOnly
  )
    .flatMap(({ from, to }) => {
      const problem = [...reach(tree, to)].flatMap((path) => impurities(tree, path))[0];
      return problem === undefined
        ? []
        : [{ path: from, problem: `takes values from ${to}, which is not pure: ${problem}` }];
    });

/** A file and all whose values it imports. */
function reach(tree: Tree, path: string): ReadonlySet<string> {
  const seen = new Set([path]);
  for (const at of seen) {
    for (const { from, to, typeOnly } of tree.edges) {
      if (from === at && !typeOnly && isLocal(to)) seen.add(to);
    }
  }
  return seen;
}

/** What a file does that a pure one does not. */
function impurities({ files, edges }: Tree, path: string): string[] {
  const file = files.find((one) => one.path === path);
  if (file === undefined) return [];
  const exceptions = PURE_EXCEPTIONS.filter((one) =>
    path === one.path || one.path.endsWith("/") && path.startsWith(one.path)
  );
  const words = Object.entries(IMPURE).flatMap(([what, pattern]) => {
    let { code } = file;
    for (const one of exceptions) if (one.what === what) code = code.replaceAll(one.code, "");
    return code.split("\n").flatMap((line, index) => {
      const match = pattern.exec(line);
      return match === null ? [] : [`${path}:${index + 1} has ${what}: ${match[0]}`];
    });
  });
  const modules = edges.filter(({ from, to }) => from === path && IMPURE_MODULES.test(to))
    .map(({ to }) => `${path} imports ${to}`);
  return [...words, ...modules];
}

const purity: Rule = (tree) =>
  tree.files.filter((file) => inSource(file) && PURE_ROOMS.includes(roomOf(file.path)))
    .flatMap(({ path }) => impurities(tree, path).map((problem) => ({ path, problem })));

const runtimeOnly: Rule = ({ files }) =>
  files.filter((file) => roomOf(file.path) !== "runtime").flatMap(({ path, code }) =>
    code.split("\n").flatMap((line, index) =>
      /\b(?:Deno|Bun)\b/.test(line)
        ? [{ path, problem: `line ${index + 1} names a runtime: ${line.trim()}` }]
        : []
    )
  );

/** Round trips through imports, types included: for each import, the shortest way back. */
const cycles: Rule = ({ edges }) => {
  const next = new Map<string, string[]>();
  const local = edges.filter(({ from, to }) => isLocal(from) && isLocal(to));
  for (const { from, to } of local) next.set(from, [...next.get(from) ?? [], to]);
  const found = new Set<string>();
  for (const { from, to } of local) {
    const path = from === to ? [from] : shortestWay(next, to, from);
    if (path === undefined) continue;
    // Told from the file that sorts first, so that each round trip is told once.
    const first = path.indexOf([...path].sort()[0]!);
    const trip = [...path.slice(first), ...path.slice(0, first)];
    found.add([...trip, trip[0]].join(" → "));
  }
  return [...found].map((path) => ({ path: path.split(" → ")[0]!, problem: `a cycle: ${path}` }));
};

/** The shortest way from one file to another, both ends included. */
function shortestWay(
  next: ReadonlyMap<string, readonly string[]>,
  start: string,
  goal: string,
): string[] | undefined {
  const before = new Map<string, string>();
  const queue = [start];
  for (const at of queue) {
    if (at === goal) {
      const path: string[] = [];
      for (let step: string | undefined = at; step !== undefined; step = before.get(step)) path.unshift(step);
      return path;
    }
    for (const to of next.get(at) ?? []) {
      if (to === start || before.has(to)) continue;
      before.set(to, at);
      queue.push(to);
    }
  }
  return undefined;
}

const allReached: Rule = ({ files, reached, missing }) => [
  ...files.filter(({ path }) => !reached.has(path))
    .map(({ path }) => ({ path, problem: "is reached from none of mod.ts, cli.ts and workers" })),
  ...missing.map(({ path, problem }) => ({
    path,
    problem: `is imported and cannot be read: ${problem.split("\n")[0]}`,
  })),
];

/** What Deno does not follow is written down where Deno does: see `src/later.ts`. */
const late: Rule = ({ edges }) => {
  const known = new Set(edges.filter(({ from }) => LATE_LISTS.includes(from)).map(({ to }) => to));
  return edges.filter((edge) => edge.late === true && !known.has(edge.to) && !LATE_LISTS.includes(edge.to))
    .map(({ from, to }) => ({ path: from, problem: `loads ${to} late, which none of ${LATE_LISTS} names` }));
};

/** What every start loads has none of node's modules but for those that cost nothing. */
const quickStart: Rule = ({ edges }) => {
  const next = edges.filter(({ dynamic, typeOnly }) => !dynamic && !typeOnly);
  return QUICK.flatMap((entry) => {
    const seen = new Set([entry]);
    for (const at of seen) {
      for (const { from, to } of next) if (from === at && isLocal(to)) seen.add(to);
    }
    return next.filter(({ from, to }) => seen.has(from) && SLOW_MODULES.test(to))
      .map(({ from, to }) => ({ path: from, problem: `imports ${to}, which ${entry} would wait for` }));
  });
};

const stateSetter: Rule = ({ files }) =>
  files.filter(({ path }) => path !== STATE_SETTER).flatMap(({ path, code }) =>
    code.split("\n").flatMap((line, index) =>
      /\.states\.(?:set|push|add|data)\b|\.counts\[[^\]]*\]!?\s*(?:[-+*]?=(?!=)|\+\+|--)/.test(line)
        ? [{ path, problem: `line ${index + 1} changes a node's state, which only ${STATE_SETTER} does` }]
        : []
    )
  );

const shape: Rule = ({ files }) =>
  files.flatMap(({ path, text, code }) => {
    const problems: string[] = [];
    const lines = text.trimEnd().split("\n").length;
    if (lines > MOST_LINES) problems.push(`has ${lines} lines, more than ${MOST_LINES}`);
    if (!/^[a-z0-9_/]+(?:\.d)?\.ts$/.test(path)) problems.push("is not named in snake_case");
    if (!/^(?:#!.*\n)?\/\*\*/.test(text)) {
      problems.push("does not begin with a doc comment that says what it is for");
    }
    if (/^export default\b/m.test(code)) problems.push("has a default export");
    if (isBarrel(code) && path.startsWith("src/") && !(path in BARRELS)) {
      problems.push("only hands on exports of others");
    }
    return problems.map((problem) => ({ path, problem }));
  });

/** Whether a file is nothing but re-exports. */
function isBarrel(code: string): boolean {
  const rest = code.replaceAll(/^export (?:type )?(?:\*(?: as \w+)?|\{[^}]*\}) from "";?/gm, "").trim();
  return rest === "" && code.trim() !== "";
}

const documented: Rule = ({ files }) =>
  files.flatMap(({ path, text }) => {
    const lines = text.split("\n");
    let before = "";
    return lines.flatMap((line, index) => {
      const match =
        /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type|enum) (\w+)/
          .exec(line);
      const name = match?.[1];
      if (name === undefined) return [];
      // The body of an overloaded function stands right after its signatures, which carry the comment.
      const again = name === before;
      before = name;
      if (again || hasComment(lines, index)) return [];
      return [{ path, problem: `line ${index + 1} exports ${name} without a comment over it` }];
    });
  });

/** Whether a doc comment ends right above a line: not the file's own, unless this is all that the file has. */
function hasComment(lines: readonly string[], at: number): boolean {
  let above = at - 1;
  while (above >= 0 && /^\/\/ deno-lint-ignore/.test(lines[above]!)) above--;
  if (!lines[above]?.trimEnd().endsWith("*/")) return false;
  while (above > 0 && !lines[above]!.startsWith("/**")) above--;
  return above > 0 || lines.filter((line) => line.startsWith("export ")).length === 1;
}

/** All rules, by what each says. */
export const RULES: Readonly<Record<string, Rule>> = {
  "a file imports lower layers or its own room": layers,
  "adapters are imported by the wiring": adapters,
  "ports are types": ports,
  "the engine takes no acts from layer 3": enginePure,
  "model, plan and schedule are pure": purity,
  "runtimes are named in src/runtime": runtimeOnly,
  "no cycles, types included": cycles,
  "what is loaded late is written down": late,
  "starts wait for none of node's modules": quickStart,
  "every file is reached": allReached,
  "one file sets the state of nodes": stateSetter,
  "files are small, named and explained": shape,
  "exports are explained": documented,
};

/** Everything that is wrong with a tree. */
export function violations(tree: Tree): Violation[] {
  return Object.entries(RULES).flatMap(([rule, check]) => check(tree).map((found) => ({ rule, ...found })));
}

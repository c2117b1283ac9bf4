/** What `mod.ts` exports, name by name: a change here is a change for every user, so it is made on purpose. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import * as library from "runner";

/** Each export and what it is: as `deno doc` names it. */
const EXPORTS: Readonly<Record<string, string>> = {
  AttemptEnded: "interface",
  Branded: "typeAlias",
  CacheChoice: "typeAlias",
  Call: "class",
  ClearOptions: "interface",
  Context: "interface",
  Deferred: "typeAlias",
  Definition: "interface",
  DefinitionError: "class",
  Duration: "typeAlias",
  EnvironmentError: "class",
  FUTURE: "variable",
  FailurePolicy: "typeAlias",
  FailureReason: "typeAlias",
  Future: "interface",
  Isolation: "typeAlias",
  Issue: "typeAlias",
  Key: "typeAlias",
  Leaf: "typeAlias",
  NodeFailed: "interface",
  NodeFailure: "interface",
  NodeState: "typeAlias",
  NodesAdded: "interface",
  Outcome: "typeAlias",
  PlaceholderOf: "typeAlias",
  Reporter: "interface",
  Resolved: "typeAlias",
  RetryPolicy: "interface",
  RetryRule: "interface",
  Run: "typeAlias",
  RunCancelled: "class",
  RunEnded: "interface",
  RunEvent: "typeAlias",
  RunFailed: "class",
  RunOptions: "interface",
  RunResult: "interface",
  RunStarted: "interface",
  RunStats: "interface",
  SourceFrame: "interface",
  TASK: "variable",
  Task: "interface",
  TaskInput: "typeAlias",
  TaskOptions: "interface",
  Template: "typeAlias",
  TemplateInput: "typeAlias",
  Transition: "interface",
  VALUE: "variable",
  Warning: "interface",
  all: "function",
  isFuture: "function",
  run: "variable",
  task: "function",
  value: "function",
};

/** The exports that are there at run time. */
const VALUES = [
  "DefinitionError",
  "EnvironmentError",
  "FUTURE",
  "RunCancelled",
  "RunFailed",
  "TASK",
  "VALUE",
  "all",
  "isFuture",
  "run",
  "task",
  "value",
];

/** What is read of `deno doc --json`. */
interface Documentation {
  readonly nodes: Readonly<
    Record<string, {
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly { readonly kind: string }[];
      }[];
    }>
  >;
}

Deno.test("mod.ts exports these names and no others", async () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--no-lock", "mod.ts"],
    cwd: root,
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as Documentation;
  const symbols = Object.values(nodes).flatMap((node) => node.symbols);
  const exported = Object.fromEntries(symbols.map(({ name, declarations }) => [name, declarations[0]!.kind]));
  assertEquals(sorted(exported), sorted(EXPORTS));
});

Deno.test("mod.ts gives these values at run time and no others", () => {
  assertEquals(Object.keys(library).sort(), [...VALUES].sort());
});

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1);
}

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
  Cause: "typeAlias",
  Change: "typeAlias",
  ChoicesOption: "typeAlias",
  ClearOptions: "interface",
  Context: "interface",
  DeclaredCallInput: "typeAlias",
  DeclaredRunInput: "typeAlias",
  Deferred: "typeAlias",
  Definition: "interface",
  DefinitionError: "class",
  Dependency: "typeAlias",
  DependencyValue: "typeAlias",
  DepsOf: "typeAlias",
  Duration: "typeAlias",
  EnvironmentError: "class",
  Estimate: "interface",
  FUTURE: "variable",
  FailurePolicy: "typeAlias",
  FailureReason: "typeAlias",
  FieldChoices: "typeAlias",
  FieldInput: "typeAlias",
  FieldOption: "typeAlias",
  FieldOutput: "typeAlias",
  FieldRule: "interface",
  FieldType: "typeAlias",
  FieldValues: "interface",
  FieldsOption: "typeAlias",
  FileOptions: "interface",
  FileRules: "interface",
  Future: "interface",
  InputFile: "interface",
  InputRule: "typeAlias",
  Isolation: "typeAlias",
  Issue: "typeAlias",
  Iteration: "interface",
  Key: "typeAlias",
  Leaf: "typeAlias",
  LogRule: "typeAlias",
  MakeWatcher: "typeAlias",
  MayBeAbsent: "typeAlias",
  NO_FAILURES: "variable",
  NodeFailed: "interface",
  NodeFailure: "interface",
  NodeSkipped: "interface",
  NodeState: "typeAlias",
  NodesAdded: "interface",
  Outcome: "typeAlias",
  OutputFile: "interface",
  OutputRule: "typeAlias",
  OutputsRestored: "interface",
  PlaceholderOf: "typeAlias",
  PromptBegan: "interface",
  PromptEnded: "interface",
  RegexFiles: "interface",
  Reporter: "interface",
  Resolved: "typeAlias",
  RetryPolicy: "interface",
  RetryRule: "interface",
  ReverseDependency: "interface",
  ReverseTarget: "typeAlias",
  Rules: "typeAlias",
  Run: "typeAlias",
  RunCancelled: "class",
  RunEnded: "interface",
  RunEvent: "typeAlias",
  RunFailed: "class",
  RunOptions: "interface",
  RunResult: "interface",
  RunStarted: "interface",
  RunStats: "interface",
  SchemaInput: "typeAlias",
  SchemaOutput: "typeAlias",
  SourceFrame: "interface",
  StandardResult: "typeAlias",
  StandardSchema: "interface",
  StartOrder: "typeAlias",
  TASK: "variable",
  Task: "interface",
  TaskInput: "typeAlias",
  TaskOptions: "interface",
  Template: "typeAlias",
  TemplateCallInput: "typeAlias",
  TemplateFields: "typeAlias",
  TemplateInput: "typeAlias",
  TemplateRunInput: "typeAlias",
  Transition: "interface",
  Trigger: "typeAlias",
  VALUE: "variable",
  Wanted: "typeAlias",
  WantedValue: "typeAlias",
  Warning: "interface",
  Watch: "typeAlias",
  WatchHandle: "interface",
  WatchOptions: "interface",
  WatchSet: "interface",
  Watcher: "interface",
  all: "function",
  isFuture: "function",
  named: "function",
  optional: "function",
  output: "function",
  regexFiles: "function",
  run: "variable",
  task: "function",
  value: "function",
  watch: "variable",
  whenScheduled: "function",
  whenTargetScheduled: "function",
};

/** The exports that are there at run time. */
const VALUES = [
  "DefinitionError",
  "EnvironmentError",
  "FUTURE",
  "NO_FAILURES",
  "RunCancelled",
  "RunFailed",
  "TASK",
  "VALUE",
  "all",
  "isFuture",
  "named",
  "optional",
  "output",
  "regexFiles",
  "run",
  "task",
  "value",
  "watch",
  "whenScheduled",
  "whenTargetScheduled",
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

/** Failures as values, the errors that carry them to a caller, and their texts. */
import type { FailureReason } from "./retry.ts";
import type { TimeoutKind } from "./timeout.ts";
import { readableFrame, type SourceFrame } from "./source.ts";

/** Something wrong with a pipeline or with what was asked of it, found before anything runs. */
export type Issue =
  | { readonly kind: "bad-task"; readonly task: string; readonly problem: string; readonly at?: SourceFrame }
  | { readonly kind: "duplicate-task"; readonly task: string; readonly at: readonly SourceFrame[] }
  | {
    readonly kind: "bad-input";
    readonly task: string;
    /** The field that is wrong; empty when it is the input as a whole. */
    readonly field: string;
    readonly problem: string;
    /** Where the task is defined. */
    readonly at?: SourceFrame;
  }
  | {
    readonly kind: "cycle";
    readonly path: readonly string[];
    /** By step: where its task is defined, if it is a call. */
    readonly at?: readonly (SourceFrame | undefined)[];
  }
  | { readonly kind: "endless-graph"; readonly nodes: number; readonly path: readonly string[] }
  | {
    readonly kind: "two-producers";
    readonly path: string;
    readonly calls: readonly string[];
    readonly at: readonly SourceFrame[];
  }
  | { readonly kind: "bad-deps"; readonly task: string; readonly problem: string; readonly at?: SourceFrame }
  | {
    readonly kind: "unreachable-task";
    readonly task: string;
    readonly problem: string;
    readonly at?: SourceFrame;
  }
  | { readonly kind: "bad-target"; readonly problem: string }
  | { readonly kind: "bad-option"; readonly problem: string }
  | { readonly kind: "bad-module"; readonly problem: string; readonly at?: SourceFrame };

/** The text of an issue: what happened, where, what to do. */
export function issueText(issue: Issue): string {
  const where = "at" in issue && issue.at !== undefined && !Array.isArray(issue.at)
    ? `\n    at ${readableFrame(issue.at as SourceFrame)}`
    : "";
  switch (issue.kind) {
    case "bad-task":
      return `Task "${issue.task}": ${issue.problem}${where}`;
    case "duplicate-task":
      return `Two tasks are called "${issue.task}"; rename one of them\n${
        issue.at.map((frame) => `    at ${readableFrame(frame)}`).join("\n")
      }`;
    case "cycle":
      return `These calls wait for each other, so none can ever start:\n    ${
        issue.path.map((call, step) => {
          const at = issue.at?.[step];
          return at === undefined ? call : `${call}  at ${readableFrame(at)}`;
        }).join("\n    → ")
      }`;
    case "endless-graph":
      return `The graph has grown past ${issue.nodes} calls and does not end; does the recursion in \`deps\` stop?\n    ${
        issue.path.join("\n    → ")
      }`;
    case "bad-input":
      return `Task "${issue.task}": ${issue.problem}${
        issue.at === undefined ? "" : `\n    the task is defined at ${readableFrame(issue.at)}`
      }`;
    case "two-producers":
      return `Two calls write ${issue.path}: ${issue.calls.join(" and ")}; ${
        sameButEmpty(issue.calls) ?? "let one of them write it, or give them different outputs"
      }\n${issue.at.map((frame) => `    at ${readableFrame(frame)}`).join("\n")}`;
    case "bad-deps":
      return `Task "${issue.task}": ${issue.problem}${where}`;
    case "unreachable-task":
      return `Task "${issue.task}" ${issue.problem}${where}`;
    case "bad-target":
    case "bad-option":
      return issue.problem;
    case "bad-module":
      return `${issue.problem}${where}`;
  }
}

/** What to do about two calls of a task that takes no input, one of which was given an empty one. */
function sameButEmpty(calls: readonly string[]): string | undefined {
  const [plain, empty] = [...calls].sort((a, b) => a.length - b.length);
  return calls.length === 2 && empty === `${plain}({})`
    ? `{} is an input too, so that these are two: write ${plain}() everywhere`
    : undefined;
}

/** Thrown before anything runs; it holds every issue that was found. Exit code 2. */
export class DefinitionError extends Error {
  /** The name of this class. */
  override readonly name = "DefinitionError";
  /** The issues. */
  readonly issues: readonly Issue[];
  /** Takes all issues found. */
  constructor(issues: readonly Issue[]) {
    super(issues.map(issueText).join("\n"));
    this.issues = issues;
  }
}

/** Thrown when the cache, a worker or another part of the surroundings does not work. Exit code 3. */
export class EnvironmentError extends Error {
  /** The name of this class. */
  override readonly name = "EnvironmentError";
}

/** Thrown when the run was cancelled. Exit code 130, or 143 after SIGTERM. */
export class RunCancelled extends Error {
  /** The name of this class. */
  override readonly name = "RunCancelled";
}

/** How one node failed. */
export interface NodeFailure {
  /** The call, readable: `train({ rate: 0.1 })`. */
  readonly call: string;
  /** The task's name. */
  readonly task: string;
  /** The identity of the call. */
  readonly key: string;
  /** What kind of failure it was. */
  readonly reason: FailureReason;
  /** Which time limit of its task it had reached, when that was the reason. */
  readonly timeout?: TimeoutKind;
  /** How many attempts were made. */
  readonly attempts: number;
  /** Why it was not tried again, although `retry` says so. */
  readonly notAgain?: string;
  /** The error: class name, message, stack and cause as thrown in the task. */
  readonly error: Error;
  /** How the attempt before failed, and where what it printed is, when the time for all attempts together has ended this one. */
  readonly before?: { readonly error: Error; readonly files: readonly string[] };
  /** Where in the user's code, if the stack tells. */
  readonly at: SourceFrame | undefined;
  /** What the last attempt printed. */
  readonly output: { readonly stdout: string; readonly stderr: string; readonly files: readonly string[] };
  /** Where what the last attempt had in `ctx.directory` was kept, if it was. */
  readonly directory?: string;
  /** How and where it was sent, when it ran elsewhere, and the command that runs it there by hand. */
  readonly where?: string;
  /** What the call was given, unless that holds other calls. */
  readonly input?: unknown;
  /** Lines of the output that one of these fits are no sign of an error. */
  readonly logIgnore?: readonly RegExp[];
}

/** Thrown at the end of a run in which tasks failed; it carries every failure. Exit code 1. */
export class RunFailed extends AggregateError {
  /** The name of this class. */
  override readonly name = "RunFailed";
  /** The failures, in the order they happened. */
  readonly failures: readonly NodeFailure[];
  /** Takes all failures and how many calls were not run because of them. */
  constructor(failures: readonly NodeFailure[], readonly notRun: number) {
    const rest = notRun === 0
      ? ""
      : `; ${notRun} ${notRun === 1 ? "call was" : "calls were"} not run because of that`;
    const lines = failures.map((failure) =>
      `${failure.call}: ${failure.error.name}: ${failure.error.message}${
        failure.at === undefined ? "" : ` (${readableFrame(failure.at)})`
      }`
    );
    super(
      failures.map((failure) => failure.error),
      `${failures.length} ${failures.length === 1 ? "task" : "tasks"} failed${rest}\n${lines.join("\n")}`,
    );
    this.failures = failures;
  }
}

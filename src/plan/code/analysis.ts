/** What the analysis of code is asked and answers; apart from the analysis itself, which is loaded only when it is needed. */
import type { InputField } from "./fields.ts";

/** A place in a stack trace. */
export interface SourceFrame {
  /** URL of the module. */
  readonly module: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

/** A task, as far as its code matters. */
export interface TaskSource {
  readonly name: string;
  /** Where it was defined, innermost call first; frames of the engine itself left out. */
  readonly frames: readonly SourceFrame[];
  /** `run.toString()`, for when the source cannot be read. */
  readonly fallback: string;
}

/** What is found out about the code of a set of tasks. */
export interface CodeAnalysis {
  /** SHA-256 in hex of a task's code. */
  digest(task: TaskSource): string;
  /** Digests of what a task's code consists of, by what to call it. */
  parts(task: TaskSource): ReadonlyMap<string, string>;
  /** URLs of the files that its code is read from and that are not there once its modules are loaded: they are read at any time. */
  late(task: TaskSource): readonly string[];
  /** URLs of the files read so far that are loaded with a module: itself, and all that it imports. */
  loads(module: string): readonly string[];
  /** The fields of a task's input, when its source tells them. */
  fields(task: TaskSource): readonly InputField[] | undefined;
}

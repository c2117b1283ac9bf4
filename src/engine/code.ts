/** Digests of the code of a run's tasks. */
import { digestOf } from "../model/digest.ts";
import { allRegistered } from "../model/registry.ts";
import type { Definition } from "../model/definition.ts";
import type { CodeAnalysis, TaskSource } from "../plan/code/analysis.ts";
import type { InputField } from "../plan/code/fields.ts";
import type { SourceReader } from "../plan/code/graph.ts";

/** What is known of a task's code. */
export interface CodeInfo {
  readonly digest: string;
  /** What was looked at, with a digest for each part. */
  readonly parts: Readonly<Record<string, string>>;
}

/** A task as the code analysis wants it. */
export function taskSource(task: Definition): TaskSource {
  return { name: task.name, frames: task.frames, fallback: String(task.run) };
}

/** Digests by task, worked out when they are first asked for. */
export class TaskCode {
  private readonly known = new Map<Definition, CodeInfo>();
  private index:
    | { readonly code: CodeAnalysis; readonly sources: ReadonlyMap<Definition, TaskSource> }
    | undefined;

  constructor(private readonly reader: SourceReader) {}

  /** What is known of a task's code; its declared version, if it has one, stands for all of it. */
  of(task: Definition): CodeInfo {
    let info = this.known.get(task);
    if (info === undefined) {
      this.known.set(
        task,
        info = task.version === undefined ? this.analyse(task) : versionInfo(task.version),
      );
    }
    return info;
  }

  /** The fields of a task's input, where its source tells. */
  fields(task: Definition): readonly InputField[] | undefined {
    const { code, source } = this.indexed(task);
    return code.fields(source);
  }

  private analyse(task: Definition): CodeInfo {
    const { code, source } = this.indexed(task);
    return { digest: code.digest(source), parts: Object.fromEntries(code.parts(source)) };
  }

  /** The analysis that a task is part of. */
  private indexed(task: Definition): { readonly code: CodeAnalysis; readonly source: TaskSource } {
    if (this.index === undefined || !this.index.sources.has(task)) {
      const sources = new Map([...allRegistered(), task].map((one) => [one, taskSource(one)]));
      this.index = { code: this.reader.analyse([...sources.values()]), sources };
    }
    return { code: this.index.code, source: this.index.sources.get(task)! };
  }
}

function versionInfo(version: string): CodeInfo {
  return { digest: digestOf(`version ${version}`), parts: { version } };
}

/** Digests of the code of a run's tasks. */
import { digestOf } from "../model/digest.ts";
import { allRegistered } from "../model/registry.ts";
import type { Definition } from "../model/definition.ts";
import type { SourceFile, TaskSources } from "../model/source.ts";
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
  private readonly changed = new Map<Definition, readonly string[]>();
  /** By module: the files that are loaded with it. */
  private readonly loaded = new Map<string, readonly SourceFile[]>();
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

  /**
   * Reads now what belongs to the code of these tasks, and of the others in the modules that are loaded with theirs: what a
   * host loads can then be compared with what was read before.
   */
  readAhead(tasks: Iterable<Definition>): void {
    const modules = new Set<string>();
    for (const task of tasks) {
      if (!this.counts(task)) continue;
      this.of(task);
      const { code } = this.indexed(task);
      for (const { module } of task.frames) {
        if (!modules.has(module)) { for (const url of code.loads(module)) modules.add(url); }
      }
    }
    for (const task of allRegistered()) {
      if (this.counts(task) && task.frames.some(({ module }) => modules.has(module))) this.of(task);
    }
  }

  /** The files that results of a task rest on; `others` are further modules that may be loaded for it. */
  sources(task: Definition, others: readonly string[]): TaskSources | undefined {
    if (!this.counts(task)) return undefined;
    const { code, source } = this.indexed(task);
    const modules = new Set([...task.frames.map(({ module }) => module), ...others]);
    const loaded = [...modules].map((module) => {
      let files = this.loaded.get(module);
      // The same list for all tasks: a message then holds it once.
      if (files === undefined) this.loaded.set(module, files = this.reader.asRead(code.loads(module)));
      return [module, files] as const;
    });
    return { loaded, late: this.reader.asRead(code.late(source)) };
  }

  /** Files of a task's code of which this program may have loaded another text than was read: they were changed meanwhile. */
  edited(task: Definition): readonly string[] {
    let paths = this.changed.get(task);
    if (paths === undefined) this.changed.set(task, paths = this.counts(task) ? this.editedOf(task) : []);
    return paths;
  }

  private editedOf(task: Definition): readonly string[] {
    // Only of files that were read is known what is loaded with them.
    this.of(task);
    const { code } = this.indexed(task);
    return [...new Set(this.reader.edited(task.frames.flatMap(({ module }) => code.loads(module))))];
  }

  /** Whether results of a task depend on its sources. */
  private counts(task: Definition): boolean {
    return task.cache && task.version === undefined;
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
      this.loaded.clear();
    }
    return { code: this.index.code, source: this.index.sources.get(task)! };
  }
}

/** The code of a task was changed between being loaded and being read. */
export function editedText(task: string, files: readonly string[]): string {
  return `${files.join(", ")} ${
    files.length === 1 ? "was" : "were"
  } changed after this program had begun to load ${
    files.length === 1 ? "it" : "them"
  }: what ${task} gives may be of two versions of its code, so it is given, but not kept; start again to be sure of it`;
}

function versionInfo(version: string): CodeInfo {
  return { digest: digestOf(`version ${version}`), parts: { version } };
}

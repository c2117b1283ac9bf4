/** The sources of local modules, and what is known of the code in them: remembered where that still holds, else analysed. */
import type * as codeIndexModule from "../plan/code/code_index.ts";
import fs from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { digestOf } from "../model/digest.ts";
import type { SourceFile } from "../model/source.ts";
import { isChangedSince, mark } from "../runtime/mark.ts";
import { isPath, local, meaning, plainMeaning } from "./specifiers.ts";
import type { CodeAnalysis, TaskSource } from "../plan/code/analysis.ts";
import type { ModuleReader, SourceReader } from "../plan/code/graph.ts";
import {
  type CodeMemory,
  type FoundCode,
  memoryFile,
  readMemory,
  tasksMark,
  writeMemory,
} from "./code_memory.ts";

/** Where code is remembered. */
export interface MemoryPlace {
  readonly folder: string;
  readonly writable: boolean;
  /** The time, before any file is read, in Unix milliseconds. */
  readonly now: number;
}

/** Makes the analysis of a set of tasks. */
type Analyse = (reader: ModuleReader, tasks: readonly TaskSource[]) => CodeAnalysis;

/** Reads local modules; remembers what each file was like when it was read. */
export class CodeReader implements SourceReader {
  /** Files that were read, or whose memory is used. */
  private readonly files = new Map<string, SourceFile>();
  /** Files that could not be read. */
  private readonly missed = new Map<string, string>();
  /** What specifiers mean that are more than a path, each with the folder of the modules that say it. */
  private readonly bare = new Map<string, string | undefined>();
  private memory: CodeMemory | undefined;
  /** What was found out here and is not remembered yet. */
  private fresh:
    | {
      readonly tasks: string;
      readonly modules: ReadonlySet<string>;
      readonly analysis: CodeAnalysis;
      readonly found: Map<number, FoundCode>;
    }
    | undefined;
  private file = "";
  private analysis: Analyse | undefined;
  /** Whether a file was seen in two states, so that nothing can be said about it. */
  private torn = false;

  private constructor(private readonly place: MemoryPlace | undefined) {}

  /**
   * Opens the sources of tasks. The analysis is loaded unless memory has all that will be asked.
   *
   * @param tasks all tasks there are.
   * @param asked whether the digest of a task may be asked for, by its place.
   * @param place where code is remembered, if anywhere.
   */
  static async open(
    tasks: readonly TaskSource[],
    asked: (task: number) => boolean,
    place?: MemoryPlace,
  ): Promise<CodeReader> {
    const reader = new CodeReader(place);
    if (place !== undefined) reader.recall(tasks, place.folder);
    const { memory } = reader;
    if (memory === undefined || tasks.some((_, index) => asked(index) && !memory.found.has(index))) {
      await reader.load();
    }
    return reader;
  }

  /** Opens sources for questions that only the analysis can answer. */
  static async analysing(): Promise<CodeReader> {
    const reader = new CodeReader(undefined);
    await reader.load();
    return reader;
  }

  resolve(specifier: string, from: string): string | undefined {
    // Runner itself is never part of a task's code, wherever it comes from.
    if (specifier === "runner") return undefined;
    if (!isPath(specifier) && /^[a-z][a-z0-9+.-]*:/i.test(specifier)) return undefined;
    const plain = isPath(specifier) ? plainMeaning(specifier, from) : undefined;
    if (plain !== undefined) return local(plain);
    const key = `${specifier}\0${from.slice(0, from.lastIndexOf("/") + 1)}`;
    if (!this.bare.has(key)) this.bare.set(key, meaningOf(key));
    return this.bare.get(key);
  }

  read(url: string): Uint8Array | undefined {
    if (!url.startsWith("file:")) return undefined;
    let path = "";
    let before = "gone";
    try {
      path = fileURLToPath(url);
      before = mark(path);
      const bytes = fs.readFileSync(path);
      this.note(path, before, digestOf(bytes));
      return bytes;
    } catch {
      this.note(path, before, "");
      return undefined;
    }
  }

  /** Files as they were read, by their URLs. */
  asRead(urls: readonly string[]): readonly SourceFile[] {
    return urls.flatMap((url) => this.files.get(fileURLToPath(url)) ?? []);
  }

  edited(urls: readonly string[]): readonly string[] {
    return this.asRead(urls).filter(({ mark }) => isChangedSince(mark, performance.timeOrigin))
      .map(({ path }) => path);
  }

  analyse(tasks: readonly TaskSource[]): CodeAnalysis {
    const places = new Map(tasks.map((task, index) => [task, index]));
    const set = tasksMark(tasks);
    const found = new Map(this.memory?.tasks === set ? this.memory.found : []);
    const analysis = this.analysis?.(this, tasks);
    if (analysis !== undefined) {
      const modules = new Set(tasks.flatMap(({ frames }) => frames.map(({ module }) => module)));
      this.fresh = { tasks: set, modules, analysis, found };
    }
    const of = (task: TaskSource): FoundCode => {
      const place = places.get(task)!;
      let code = found.get(place);
      if (code === undefined) {
        code = analysis === undefined ? unknownCode() : {
          digest: analysis.digest(task),
          parts: analysis.parts(task),
          late: analysis.late(task),
        };
        found.set(place, code);
      }
      return code;
    };
    return {
      digest: (task) => of(task).digest,
      parts: (task) => of(task).parts,
      late: (task) => of(task).late,
      // Where nobody knows which they are, all are, in doubt.
      loads: (module) =>
        analysis?.loads(module) ?? this.memory?.loads.get(module) ??
          [...this.files.keys()].map((path) => pathToFileURL(path).href),
      fields: (task) => analysis?.fields(task),
    };
  }

  /** Remembers what was found out, for the next process. */
  remember(): void {
    const { place } = this;
    if (this.fresh === undefined || this.torn || place?.writable !== true) return;
    const { tasks, found, modules, analysis } = this.fresh;
    const known = this.memory?.tasks === tasks ? this.memory.found.size : 0;
    if (found.size === known) return;
    const { files, missed, bare } = this;
    const loads = new Map([...modules].map((module) => [module, analysis.loads(module)]));
    writeMemory(this.file, { tasks, found, files, missed, bare, loads }, place.now);
  }

  private recall(tasks: readonly TaskSource[], folder: string): void {
    this.file = memoryFile(folder, tasks);
    const memory = readMemory(this.file);
    if (memory === undefined || memory.tasks !== tasksMark(tasks)) return;
    for (const [path, { mark: before }] of memory.files) if (mark(path) !== before) return;
    for (const [path, before] of memory.missed) if (mark(path) !== before) return;
    for (const [key, url] of memory.bare) if (meaningOf(key) !== url) return;
    for (const [path, file] of memory.files) this.files.set(path, file);
    for (const [path, before] of memory.missed) this.missed.set(path, before);
    for (const [key, url] of memory.bare) this.bare.set(key, url);
    this.memory = memory;
  }

  private async load(): Promise<void> {
    const { CodeIndex }: typeof codeIndexModule = await import("../plan/code/code_index.ts" as string);
    this.analysis = (reader, tasks) => new CodeIndex(reader, tasks);
  }

  /** Notes what a file was like, without a digest if it could not be read; the first time counts. */
  private note(path: string, before: string, digest: string): void {
    const earlier = this.files.get(path)?.mark ?? this.missed.get(path);
    if (earlier !== undefined) this.torn ||= earlier !== before;
    else if (digest === "") this.missed.set(path, before);
    else this.files.set(path, { path, mark: before, digest });
  }
}

/** For a task that came up when it was too late to load the analysis: nothing that is stored may pass for its result. */
function unknownCode(): FoundCode {
  return { digest: `unknown ${crypto.randomUUID()}`, parts: new Map(), late: [] };
}

/** What a specifier means in the modules of a folder, both in one text. */
function meaningOf(key: string): string | undefined {
  const [specifier, folder] = key.split("\0") as [string, string];
  return meaning(specifier, `${folder}module.ts`);
}

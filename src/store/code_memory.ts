/**
 * What is remembered of the code of tasks from one process to the next, so that a run with nothing to do neither loads the
 * analysis nor reads a source. Derived: it holds only as long as every file that was looked at is as it was, and may be
 * deleted at any time.
 */
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { digestOf } from "../model/digest.ts";
import type { TaskSource } from "../plan/code/analysis.ts";
import type { SourceFile } from "../model/source.ts";
import { mark } from "../runtime/mark.ts";
import { isStandalone } from "../runtime/runtime.ts";

/** What was found out about the code of one task. */
export interface FoundCode {
  readonly digest: string;
  readonly parts: ReadonlyMap<string, string>;
  /** URLs of the files that are read at any time, not when its modules are loaded. */
  readonly late: readonly string[];
}

/** What was found out about a set of tasks, and what it rests on. */
export interface CodeMemory {
  /** Stands for the set of tasks: their names, places and functions. */
  readonly tasks: string;
  /** The files that were looked at, as they were. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** What could not be read, likewise. */
  readonly missed: ReadonlyMap<string, string>;
  /** What specifiers meant that are more than a path, each with the folder of the modules that say it. */
  readonly bare: ReadonlyMap<string, string | undefined>;
  /** By URL of a module: the URLs of the files that are loaded with it. */
  readonly loads: ReadonlyMap<string, readonly string[]>;
  /** By the place of a task in the set. */
  readonly found: ReadonlyMap<number, FoundCode>;
}

/** Raised when what a memory file holds changes its meaning. */
const FORMAT = "runner code 3";
/** A file that changed within so many milliseconds before it was read may change again without looking different. */
const RACY_MILLIS = 2_000;
/** A larger memory would take as long to read as the analysis takes. */
const MOST_CHARACTERS = 1_000_000;

/** Whether a file with this mark had been as it was for a while at a time, so that its mark can be relied on. */
export function isSettled(mark: string, time: number): boolean {
  const [, changed, moved] = mark.split(" ").map(Number);
  return mark === "gone" || Math.max(changed!, moved!) < time - RACY_MILLIS;
}

/** Stands for a set of tasks, in their order. */
export function tasksMark(tasks: readonly TaskSource[]): string {
  return digestOf(JSON.stringify(tasks.map(({ name, fallback, frames }) => [
    name,
    fallback,
    frames.map(({ module, line, column }) => [module, line, column]),
  ])));
}

/** The file for the memory of a set of tasks: the same one after an edit, so that there is one for each pipeline. */
export function memoryFile(folder: string, tasks: readonly TaskSource[]): string {
  const modules = new Set(tasks.flatMap((task) => task.frames.map((frame) => frame.module)));
  return `${folder}/${digestOf([...modules].sort().join("\n")).slice(0, 16)}`;
}

/** The memory in a file, or `undefined` when it is absent, damaged, or another release's. Whether it still holds is not looked at. */
export function readMemory(path: string): CodeMemory | undefined {
  try {
    const text = fs.readFileSync(path, "utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== digestOf(body)) return undefined;
    const { analysis, tasks, files, missed, bare, words, loads, found } = JSON.parse(body) as Stored;
    if (analysis === undefined || analysis !== analysisMark()) return undefined;
    return {
      tasks,
      files: new Map(files.map(([path, mark, digest]) => [path, { path, mark, digest }])),
      missed: new Map(missed),
      bare: new Map(bare.map(([name, url]) => [name, url ?? undefined])),
      loads: new Map(loads.map(([module, files]) => [module, textsOf(files, words)])),
      found: new Map(
        found.map(([task, digest, parts, late]) => {
          const [texts, files] = [textsOf(parts, words), textsOf(late, words)];
          return [task, { digest, parts: pairs(texts), late: files }];
        }),
      ),
    };
  } catch {
    return undefined;
  }
}

/** Writes a memory, unless it could mislead; `time` is when the first file was read. A failure costs nothing but time. */
export function writeMemory(path: string, memory: CodeMemory, time: number): void {
  const analysis = analysisMark();
  if (analysis === undefined) return;
  const marks = [...[...memory.files.values()].map(({ mark }) => mark), ...memory.missed.values()];
  if (!marks.every((one) => isSettled(one, time))) return;
  const words = new Map<string, number>();
  const stored: Stored = {
    analysis,
    tasks: memory.tasks,
    files: [...memory.files.values()].map(({ path, mark, digest }) => [path, mark, digest]),
    missed: [...memory.missed],
    bare: [...memory.bare].map(([name, url]) => [name, url ?? null]),
    loads: [...memory.loads].map(([module, files]) => [module, packed(files, words)]),
    found: [...memory.found].map(([task, { digest, parts, late }]) => [
      task,
      digest,
      packed([...parts].flat(), words),
      packed(late, words),
    ]),
    words: [],
  };
  const body = JSON.stringify({ ...stored, words: [...words.keys()] });
  if (body.length > MOST_CHARACTERS) return;
  try {
    fs.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const aside = `${path}.${Math.random().toString(36).slice(2)}`;
    fs.writeFileSync(aside, `${digestOf(body)}\n${body}`);
    fs.renameSync(aside, path);
  } catch {
    // The next run works it out again.
  }
}

/** A memory as it stands in its file; tasks of one pipeline share most parts, so each text is written once. */
interface Stored {
  readonly analysis: string;
  readonly tasks: string;
  readonly files: readonly (readonly [path: string, mark: string, digest: string])[];
  readonly missed: readonly (readonly [string, string])[];
  readonly bare: readonly (readonly [string, string | null])[];
  readonly loads: readonly (readonly [module: string, files: readonly number[]])[];
  readonly found:
    readonly (readonly [task: number, digest: string, parts: readonly number[], late: readonly number[]])[];
  readonly words: readonly string[];
}

function packed(texts: readonly string[], words: Map<string, number>): number[] {
  return texts.map((word) => {
    let index = words.get(word);
    if (index === undefined) words.set(word, index = words.size);
    return index;
  });
}

function textsOf(packed: readonly number[], words: readonly string[]): string[] {
  return packed.map((index) => words[index]!);
}

function pairs(texts: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let at = 0; at < texts.length; at += 2) map.set(texts[at]!, texts[at + 1]!);
  return map;
}

const HERE = import.meta.url;
const CHECKOUT = /\/src\/store\/code_memory\.ts$/;
/** What decides on digests, besides the folder of the analysis. */
const DECISIVE = ["../model/source.ts", "../engine/code.ts", "code_reader.ts", "code_memory.ts"];

/** What the analysis itself is like: another one may find something else. `undefined` where that cannot be told. */
function analysisMark(): string | undefined {
  if (isStandalone()) return `${FORMAT} ${process.execPath} ${mark(process.execPath)}`;
  if (!HERE.startsWith("file:")) return undefined;
  if (!CHECKOUT.test(HERE)) return `${FORMAT} ${HERE} ${mark(fileURLToPath(HERE))}`;
  const folder = fileURLToPath(new URL("../plan/code", HERE));
  const files = fs.readdirSync(folder).sort().map((name) => `${folder}/${name}`);
  for (const name of DECISIVE) files.push(fileURLToPath(new URL(name, HERE)));
  const marks = files.map(mark);
  return `${FORMAT} ${HERE} ${digestOf(marks.join("\n"))}`;
}

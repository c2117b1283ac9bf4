/** Loading a pipeline, and finding in it what the command line names. */
import fs from "node:fs";
import process from "node:process";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { callsNamed } from "../model/catalogue.ts";
import type { NamedCall } from "../model/expansion.ts";
import { DefinitionError, type Issue } from "../model/failure.ts";
import { refuseTask } from "../model/codec/refuse.ts";
import { type Future, isFuture } from "../model/future.ts";
import { lookInside } from "../model/inside.ts";
import { matchTemplate } from "../model/name.ts";
import { nameHint } from "../model/name_hint.ts";
import { allRegistered } from "../model/registry.ts";
import { readableFrame, readableModule, userFrames } from "../model/source.ts";
import { didYouMean } from "../model/suggest.ts";
import type { Definition } from "../model/definition.ts";
import { definitionOf } from "../model/task.ts";
import { fs as streams } from "../runtime/fs.ts";
import type { Clock } from "../execute/member.ts";
import { afterIdly } from "../runtime/after.ts";
import { complain, program } from "../runtime/program.ts";
import { defineBareName } from "../runtime/runtime.ts";
import type { Entry } from "../wire.ts";
import { loadProblem } from "./load_problem.ts";
import { tellWhenSlow } from "./slow_load.ts";

/** A pipeline that is loaded. */
export interface Pipeline {
  /** Its URL. */
  readonly url: string;
  /** What it exports. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Its tasks: those it exports under any name, and all others defined while it was loaded. */
  readonly tasks: readonly Definition[];
}

/** What the command line can name. */
export type Named =
  /** An exported call. */
  | { readonly kind: "call"; readonly future: Future<unknown> }
  /** A task by its own name or its export's: its input is still to be given. */
  | { readonly kind: "task"; readonly task: Definition }
  /** A template filled out. */
  | {
    readonly kind: "filled";
    readonly made: NamedCall;
    /** The texts of its placeholders. */
    readonly texts: Readonly<Record<string, string>>;
  }
  /** All that a pattern with `*` or `?` means. */
  | { readonly kind: "many"; readonly calls: readonly NamedCall[] };

/**
 * Loads a pipeline.
 *
 * @throws {DefinitionError} when it is not there or does not load: with the user's file and line, not ours.
 */
export async function loadPipeline(
  path: string,
  entry: Entry,
  clock: Clock = { after: afterIdly },
): Promise<Pipeline> {
  const url = pipelineUrl(path);
  await defineBareName("runner", entry.library, () => import("../../mod.ts"));
  const before = new Set(allRegistered());
  refuseExits(path);
  const loaded = tellWhenSlow(path, url, clock, complain);
  const exports = await load(path, url).finally(loaded);
  const exported = Object.values(exports).map(definitionOf).filter((task) => task !== undefined);
  const tasks = [...new Set([...exported, ...allRegistered().filter((task) => !before.has(task))])];
  refuseTwins(tasks);
  return { url, exports, tasks };
}

let exitsRefused = false;

/** A module that ends the program ends it before anything is done, or right in the middle: that is no success. */
function refuseExits(path: string): void {
  if (exitsRefused) return;
  exitsRefused = true;
  program.onForeignExit(() => {
    const [at] = userFrames(new Error().stack);
    const place = at === undefined ? "" : `    at ${readableFrame(at)}\n`;
    const text =
      `error: ${path}, or what it imports, has ended the program (process.exit, Deno.exit) while runner was at work; throw an error instead\n${place}`;
    // Not printed as a task on this thread prints: that would end with the task.
    streams.writeSync(2, new TextEncoder().encode(text));
    program.exit(2);
  });
}

/** Two tasks of one name share their results, and a name on the command line could mean either. */
function refuseTwins(tasks: readonly Definition[]): void {
  const issues: Issue[] = [];
  for (const [task, same] of Map.groupBy(tasks, ({ name }) => name)) {
    // What a helper makes, called from two places, is two.
    const places = new Map(same.map(({ frames }) => [frames.map(readableFrame).join(), frames.at(-1)]));
    const at = [...places.values()].filter((frame) => frame !== undefined)
      .sort((a, b) => a.module === b.module ? a.line - b.line : a.module < b.module ? -1 : 1);
    if (places.size > 1) issues.push({ kind: "duplicate-task", task, at });
  }
  if (issues.length > 0) throw new DefinitionError(issues);
}

/** Said of a pipeline that waits for ever. */
const NEVER =
  "a top-level await, in it or in a module that it imports, waits for something that never comes; what may take long belongs into a task";

/** Imports the module; a promise that it leaves to reject is its failure too, and so is one that it awaits for ever. */
async function load(path: string, url: string): Promise<Record<string, unknown>> {
  let stray: { readonly error: unknown } | undefined;
  const note = (error: unknown): void => void (stray ??= { error });
  process.on("unhandledRejection", note);
  let idle = (): void => {};
  const never = new Promise<never>((_, reject) => idle = () => reject(new Error(NEVER)));
  const loaded = program.onIdle(idle);
  try {
    const exports = await Promise.race([import(url) as Promise<Record<string, unknown>>, never]);
    await new Promise((turned) => setImmediate(turned));
    if (stray !== undefined) throw stray.error;
    return exports;
  } catch (error) {
    throw new DefinitionError([{ kind: "bad-module", problem: loadProblem(path, url, error) }]);
  } finally {
    loaded();
    process.off("unhandledRejection", note);
  }
}

/** The URL of a pipeline's file. */
function pipelineUrl(path: string): string {
  if (/^(https?|file|data|blob):/.test(path)) return path;
  const file = resolve(path);
  if (!fs.existsSync(file)) {
    const folder = dirname(file);
    const near = fs.existsSync(folder)
      ? didYouMean(basename(file), fs.readdirSync(folder))
      : `; there is no folder ${folder} either`;
    throw new DefinitionError([{ kind: "bad-module", problem: `There is no file ${path}${near}` }]);
  }
  if (fs.statSync(file).isDirectory()) {
    throw new DefinitionError([{
      kind: "bad-module",
      problem: `${path} is a folder; name the pipeline's file in it`,
    }]);
  }
  if (!/(\.[cm]?[jt]sx?|^[^.]*)$/.test(basename(file))) {
    throw new DefinitionError([{
      kind: "bad-module",
      problem: `${path} is no TypeScript or JavaScript file, so it cannot be a pipeline`,
    }]);
  }
  return pathToFileURL(file).href;
}

/**
 * Finds what a target names: an exported call, a task by its export's name or its own, a template filled out, or all calls
 * that a pattern means.
 *
 * @throws {DefinitionError} with the nearest name, or what is wrong with this one.
 */
export function findTarget(pipeline: Pipeline, name: string): Named {
  const exported = Object.hasOwn(pipeline.exports, name) ? pipeline.exports[name] : undefined;
  if (isFuture(exported)) return { kind: "call", future: exported };
  const task = definitionOf(exported) ?? pipeline.tasks.find((one) => one.name === name);
  if (task !== undefined) return { kind: "task", task };
  const separator = separatorOf(pipeline);
  const found = callsNamed(name, { tasks: pipeline.tasks, ...(separator !== undefined && { separator }) });
  if (found.kind === "many") return found;
  if (found.kind === "one") {
    return { kind: "filled", made: found, texts: matchTemplate(found.call.task.name, name, separator) ?? {} };
  }
  const unknown = found.missing && !/[*?]/.test(name) || exported !== undefined;
  const problem = unknown ? unknownTarget(pipeline, name, exported) : found.problem;
  throw new DefinitionError([{ kind: "bad-target", problem }]);
}

/** The separator of names that the pipeline's settings tell. */
export function separatorOf({ exports }: Pipeline): string | undefined {
  const settings = exports["settings"] as { readonly separator?: unknown } | null | undefined;
  return typeof settings?.separator === "string" ? settings.separator : undefined;
}

function unknownTarget(pipeline: Pipeline, name: string, exported: unknown): string {
  if (exported !== undefined) return noTarget(name, exported);
  const names = targetNames(pipeline);
  if (name === "main") {
    return names.length === 0
      ? `${readableModule(pipeline.url)} defines no task: export one with task("main", …), for instance`
      : `There is no export or task "main" to run by default; name a target: ${
        names.slice(0, 10).join(", ")
      }${names.length > 10 ? ", …" : ""}`;
  }
  return `There is no task or exported call "${name}"${nameHint(name, names)}${
    names.length === 0
      ? ""
      : `\n    there are: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}`
  }`;
}

/** What is wrong with an export that is no target; calls in a structure are what `all` is for. */
function noTarget(name: string, exported: unknown): string {
  const { tasks, calls } = lookInside(exported, name);
  const none = `The export "${name}" is neither a task nor a call, so it cannot be run`;
  if (!calls && tasks.length === 0) return none;
  const wrong = tasks.map(({ where, task }) => `\n    ${where} ${refuseTask(task.name)}`);
  return `${none}; export all(…) of it, which is one call of all calls in it${wrong.join("")}`;
}

/** Everything that can be a target. */
export function targetNames(pipeline: Pipeline): string[] {
  const calls = Object.keys(pipeline.exports).filter((name) => isFuture(pipeline.exports[name]));
  return [...new Set([...calls, ...pipeline.tasks.map((task) => task.name)])];
}

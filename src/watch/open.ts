/** A watch put together: the files, the runs, and the pipeline's own modules. */
import { fileURLToPath } from "node:url";
import type { RunOptions, RunResult } from "../engine/options.ts";
import type { RunManner } from "../engine/run.ts";
import type { RunState } from "../engine/run_state.ts";
import type { RunStats } from "../model/event.ts";
import type { Files } from "../model/file_ports.ts";
import { allRegistered } from "../model/registry.ts";
import { isOwnModule } from "../model/source.ts";
import { Imports } from "../store/files/imports.ts";
import { Spelling } from "../store/files/spelling.ts";
import { type Held, heldOpen } from "./held.ts";
import { type Iteration, Loop, type LoopParts, type RunOnce } from "./loop.ts";
import { Needs } from "./needs.ts";

/** What a watch is opened with. */
export interface OpenWatch<Value> extends Omit<LoopParts<Value>, "run" | "prepare" | "needs" | "modules"> {
  readonly cwd: string;
  /** The files of all runs: they are this watch's alone. */
  readonly files: Files;
  /** Modules that the pipeline begins with: URLs, or absolute paths. */
  readonly code: readonly string[];
  /** What each run is told. */
  readonly options: RunOptions;
  /** Runs once. */
  readonly run: (
    held: Held,
    manner: Pick<RunManner, "over" | "ready">,
    options: RunOptions,
  ) => Promise<RunResult<Value>>;
}

/** Opens a watch; `go()` begins it. */
export function openWatch<Value>(parts: OpenWatch<Value>): Loop<Value> {
  const spelling = new Spelling(parts.cwd);
  const needs = new Needs(parts.files, spelling);
  const imports = new Imports(spelling);
  const { options, code, run } = parts;
  const held = heldOpen(needs);
  let first = true;
  /** Runs, as soon as that is decided; `undefined` when the run is not wanted. */
  const once = async (
    { force, signal, kill }: Parameters<RunOnce<Value>>[0],
    wanted: Promise<boolean> | undefined,
  ): Promise<Omit<Iteration<Value>, "changed"> | undefined> => {
    let knowledge: RunState | undefined;
    let stats: RunStats | undefined;
    const reporters = options.reporter === undefined ? [] : [options.reporter].flat();
    const told: RunOptions = {
      ...options,
      // What was forced in the beginning is not forced for ever.
      force: force || (first && (options.force ?? false)),
      signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
      kill: options.kill === undefined ? kill : AbortSignal.any([kill, options.kill]),
      reporter: [
        ...reporters,
        {
          wants: () => false,
          handle: (event) => void (event.kind === "run-ended" && (stats = event.stats)),
        },
      ],
    };
    let ended: Omit<Iteration<Value>, "changed">;
    try {
      const over = (known: RunState) => void (knowledge = known);
      ended = await run(held, { over, ...(wanted !== undefined && { ready: () => wanted }) }, told);
      first = false;
    } catch (error) {
      ended = { error: error as Error };
    }
    // What is wrong with a pipeline is found before it begins to run; it is told when it would have run.
    if (wanted !== undefined && !await wanted) return undefined;
    // What tasks found out that store nothing is in no entry.
    for (const { paths, trigger } of knowledge?.foundOut ?? []) needs.trace(paths, trigger);
    needs.end(knowledge?.files.all);
    return { ...ended, ...(stats !== undefined && { stats }) };
  };
  const loop = new Loop<Value>({
    ...parts,
    needs,
    idle: () => held.spare.warm(),
    over: () => held.spare.close(),
    modules: () => modulesOf(code, imports, spelling),
    run: async (how) => (await once(how, undefined))!,
    prepare: (how) => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const ended = once({ ...how, force: false }, promise);
      return {
        begin: async () => {
          resolve(true);
          return (await ended)!;
        },
        drop: () => resolve(false),
      };
    },
  });
  options.signal?.addEventListener("abort", () => loop.end(), { once: true });
  options.kill?.addEventListener("abort", () => loop.end(true), { once: true });
  return loop;
}

/** The local modules of the pipeline: where its tasks are defined, and what these import. */
function modulesOf(code: readonly string[], imports: Imports, spelling: Spelling): string[] {
  const paths = new Set<string>();
  const add = (module: string): void => {
    if (isOwnModule(module)) return;
    if (module.startsWith("file:")) paths.add(spelling.shown(fileURLToPath(module)));
    else if (module.startsWith("/")) paths.add(spelling.shown(module));
  };
  for (const module of code) add(module);
  for (const task of allRegistered()) if (task.frames[0] !== undefined) add(task.frames[0].module);
  for (const path of imports.reach(paths)) paths.add(path);
  return [...paths].map((path) => spelling.full(path));
}

/** Finding a task inside a host: its module is loaded, then it is there by its name. */
import { registered } from "../../model/registry.ts";
import { readableModule } from "../../model/source.ts";
import type { Definition } from "../../model/definition.ts";
import type { TaskInfo } from "../protocol.ts";

/** A task that cannot be used in a host, with the reason. */
export interface Unusable {
  readonly problem: string;
  /** The error of a module that did not load. */
  readonly error?: unknown;
}

/** How modules are loaded, by URL: those that are not named by a text at run time need no permission to be read. */
export type Loaders = Readonly<Record<string, () => Promise<unknown>>>;

const loading = new Map<string, Promise<unknown>>();
let loaders: Loaders = {};

/** From now on, these modules are loaded in their own way. */
export function loadBy(given: Loaders): void {
  loaders = given;
}

/** Loads a module once; resolves to the error if it does not load. */
export function loadModule(module: string): Promise<unknown> {
  let loaded = loading.get(module);
  if (loaded === undefined) {
    const load = Object.hasOwn(loaders, module) ? loaders[module]! : () => import(module);
    // Promises of modules already loaded are kept: a task asks for its module before each batch.
    loaded = load().then(
      () => undefined,
      (error: unknown) => error ?? new Error("the module threw nothing"),
    );
    loading.set(module, loaded);
  }
  return loaded;
}

/** Whether a module was asked for here: one that others import may be there all the same. */
export function isLoaded(module: string): boolean {
  return loading.has(module);
}

/** Finds a task, loading the modules that may define it. */
export async function findTask(info: TaskInfo): Promise<Definition | Unusable> {
  const place = info.frames[0];
  const known = registered(info.name, place);
  if (known !== undefined) return known;
  const modules = [...new Set([...info.frames.map((frame) => frame.module), ...info.modules])];
  for (const module of modules) {
    const error = await loadModule(module);
    if (error !== undefined) return { problem: `${readableModule(module)} does not load in a worker`, error };
    const found = registered(info.name, place);
    if (found !== undefined) return found;
  }
  const home = place === undefined ? "its module" : readableModule(place.module);
  return {
    problem:
      `cannot be found by a worker: loading ${home} does not define it. Tasks are found by name, so define it at the top level of its module, not inside a function that only the main program calls`,
  };
}

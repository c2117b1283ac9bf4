/** What stays open from one run of a watch to the next. */
import type { RunPorts } from "../engine/ports.ts";
import { TRACE } from "../model/stored_kind.ts";
import { traces } from "../model/trace.ts";
import type { Cache } from "../store/cache.ts";
import type { Needs } from "./needs.ts";
import { Spare } from "./spare.ts";

/** What a run of a watch is given instead of its own. */
export interface Held {
  readonly files: Pick<RunPorts, "files" | "loadFiles" | "closeFiles">;
  /** Stands before the cache of a run. */
  readonly cache: (cache: Cache) => Cache;
  /** A thread for the next run. */
  readonly spare: Spare;
}

/** The files of a watch, and a way to learn what its tasks find out. */
export function heldOpen(needs: Needs): Held {
  return {
    cache: (cache) => noting(cache, needs),
    spare: new Spare(),
    files: {
      files: () => needs,
      loadFiles: () => Promise.resolve(),
      closeFiles: () => {
        needs.close();
        return needs.warnings();
      },
    },
  };
}

/** A cache that tells of the files that tasks have found out they read. */
function noting(cache: Cache, needs: Needs): Cache {
  const add: Cache["add"] = (task, key, validity, fresh) => {
    cache.add(task, key, validity, fresh);
    if ((fresh.kind & TRACE) === 0) return;
    const hit = cache.lookup(task, key, validity);
    const bytes = hit && (hit.bytes ?? cache.read(hit));
    for (const { files, trigger } of bytes === undefined ? [] : traces(bytes)) needs.trace(files, trigger);
  };
  return new Proxy(cache, {
    get: (target, name) => {
      if (name === "add") return add;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

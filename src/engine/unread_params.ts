/** Parameters that somebody has typed and that no task has read: most likely their names are misspelt. */
import { didYouMean } from "../model/suggest.ts";
import { isSuccess } from "../model/state.ts";
import { TRACE } from "../model/stored_kind.ts";
import { traces } from "../model/trace.ts";
import { stateOf } from "../schedule/set.ts";
import type { RunState } from "./run_state.ts";

/** In a run of more calls than this it is not looked for: it takes a look at the cache for each. */
const MOST_CALLS = 50_000;

/** What is to be said of them; nothing where some call may have read what is not known of. */
export function unreadParams(run: RunState): readonly string[] {
  const unread = new Set(run.options.typedParams);
  const { nodes } = run.graph;
  if (unread.size === 0 || nodes.length > MOST_CALLS) return [];
  const read = new Set<string>();
  for (const { id } of nodes) {
    const names = readBy(run, id);
    if (names === undefined) return [];
    for (const name of names) {
      read.add(name);
      unread.delete(name);
    }
    if (unread.size === 0) return [];
  }
  const others = [...read].filter((name) => name !== "*" && !Object.hasOwn(run.options.params, name));
  return [...unread].map((name) =>
    `parameter "${name}" was given and nothing has read it${didYouMean(name, others)}`
  );
}

/** The parameters that the result of a call depends on, by what is stored with it; `undefined` when nobody knows. */
function readBy(run: RunState, id: number): readonly string[] | undefined {
  const state = stateOf(run.schedule, id);
  const validity = run.validities[id] ?? "";
  // What says that it is skipped leaves nothing behind.
  if (!isSuccess(state) || state === "skipped" || validity === "") return undefined;
  const { task, key } = run.node(id).call;
  const { cache } = run.ports;
  const hit = cache.lookup(task.name, key, validity);
  if (hit === undefined) return undefined;
  if ((hit.kind & TRACE) === 0) return [];
  const stored = cache.read(hit);
  return stored === undefined ? undefined : traces(stored).flatMap(({ params }) => params);
}

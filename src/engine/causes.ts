/** Why a node runs: what is known of it now, compared with the closest entry of an earlier run. */
import { unlink } from "../model/call.ts";
import type { Cause, Change } from "../model/cause.ts";
import type { Key } from "../model/id.ts";
import { placeholders } from "../model/name.ts";
import { readable, Reference } from "../model/readable.ts";
import { paramDigest } from "../model/trace.ts";
import type { EarlierEntry } from "../store/cache.ts";
import { FilesNeeded } from "./files_needed.ts";
import { hiddenEnv } from "../model/hidden_env.ts";
import type { RunState } from "./run_state.ts";

/** Why a node runs, the most telling first. Reads entries of the cache, so it is asked only when somebody wants to know. */
export function causesOf(run: RunState, id: number): readonly Cause[] {
  const node = run.node(id);
  const { task, key } = node.call;
  if (run.forced.has(id)) return [{ kind: "forced" }];
  // A plan without a cache is one for a cache that is still to be made.
  const keeps = task.cache && (run.ports.cache.reads || run.options.dry);
  if (task.noSkip || !keeps) return [{ kind: "always" }];
  const lost = run.lostOutputs.get(id);
  if (lost !== undefined && lost.length > 0) return lost;
  const own = fewest(run, key, task.name, (entry) => [
    ...codeCauses(run, id, entry),
    ...fileCauses(run, id, entry),
    ...otherCauses(run, id, entry),
  ]);
  if (own !== undefined) return own.length > 0 ? own : [{ kind: "gone" }];
  if (run.ports.cache.isGivenUp(task.name, key)) return [{ kind: "given-up" }];
  const closest = closestEntry(run, id);
  if (closest === undefined) {
    const known = placeholders(task.name).length === 0 && run.ports.cache.earlierOf(task.name).length > 0;
    return [{ kind: known ? "new-input" : "first" }];
  }
  const changed = inputCauses(run, id, closest);
  const more = fewest(run, closest.key, task.name, (entry) => [
    ...codeCauses(run, id, entry),
    ...otherCauses(run, id, entry),
  ]) ?? [];
  return changed.length > 0 ? [...changed, ...more] : [{ kind: "new-input" }, ...more];
}

/**
 * How a call differs from the one of its newest entries that differs least; of equals from the newest. A result that was found
 * again is not the newest, and the last run's all the same.
 *
 * @returns `undefined` when there is no entry.
 */
function fewest(
  run: RunState,
  key: string,
  task: string,
  differing: (entry: EarlierEntry) => readonly Cause[],
): readonly Cause[] | undefined {
  let best: readonly Cause[] | undefined;
  let least = Infinity;
  for (const entry of run.ports.cache.earlier(task, key)) {
    const causes = differing(entry);
    // Of a call that this run has not made nobody knows what it would give.
    const unknown = entry.calls.filter(([made]) => run.graph.find(made as Key) === undefined).length;
    if (causes.length + unknown < least) [best, least] = [causes, causes.length + unknown];
    if (least === 0) break;
  }
  return best;
}

/** The entry of the task whose input has the most in common with the node's; of those the newest. */
function closestEntry(run: RunState, id: number): EarlierEntry | undefined {
  const entries = run.ports.cache.earlierOf(run.node(id).call.task.name);
  const fields = fieldsOf(run, id);
  const naming = placeholders(run.node(id).call.task.name);
  let best: EarlierEntry | undefined;
  let most = -1;
  for (const entry of entries) {
    // Calls of this very run are its neighbours, not what it was before.
    if (run.graph.find(entry.key as Key) !== undefined) continue;
    // A call of another name is another call, not this one with another input.
    if (naming.some((field) => entry.fields?.[field] !== fields[field])) continue;
    const same = Object.entries(fields).filter(([name, text]) => entry.fields?.[name] === text).length;
    if (same > most) [best, most] = [entry, same];
  }
  return best;
}

/** The fields of a node's input as entries show them. */
function fieldsOf(run: RunState, id: number): Readonly<Record<string, string>> {
  const { call } = run.node(id);
  const input = unlink(call.bytes, (number) => {
    const upstream = call.upstreams[number]!;
    return new Reference(`${upstream.task.name}‹${upstream.key.slice(0, 8)}›`);
  });
  if (typeof input !== "object" || input === null || Array.isArray(input)) return {};
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, readable(value, 200)]));
}

function inputCauses(run: RunState, id: number, entry: EarlierEntry): Cause[] {
  return differences(entry.fields ?? {}, fieldsOf(run, id)).map(([field]) => ({
    kind: "input",
    field,
    before: entry.fields?.[field],
    now: fieldsOf(run, id)[field],
  }));
}

function codeCauses(run: RunState, id: number, entry: EarlierEntry): Cause[] {
  const now = run.code.of(run.node(id).call.task);
  if (now.digest === entry.code.digest) return [];
  const parts = differences(entry.code.parts, now.parts);
  if (parts.length === 0) return [{ kind: "code", part: run.node(id).call.task.name, change: "changed" }];
  return parts.map(([part, change]) => ({ kind: "code", part, change }));
}

function fileCauses(run: RunState, id: number, entry: EarlierEntry): Cause[] {
  const found = run.files.foundOf(id);
  const now = Object.fromEntries((found?.files ?? []).map((file) => [file.path, file.mark]));
  // What the task found out itself is looked at anew; it may have found other files this time.
  for (const path of Object.keys(entry.files)) {
    if (path in now) continue;
    const mark = entry.found.includes(path) ? markNow(run, id, path) ?? entry.files[path]! : "";
    if (mark !== "") now[path] = mark;
  }
  return differences(entry.files, now).map(([path, change]) => ({ kind: "file", path, change }));
}

/** The mark of a file that a task found out itself; `undefined` while files are not loaded, for an explanation does not wait. */
function markNow(run: RunState, id: number, path: string): string | undefined {
  try {
    return run.ports.files().mark(path, run.files.known(id)?.trigger ?? "content");
  } catch (error) {
    if (error instanceof FilesNeeded) return undefined;
    throw error;
  }
}

/** Upstream results, environment, parameters. */
function otherCauses(run: RunState, id: number, entry: EarlierEntry): Cause[] {
  const causes: Cause[] = [];
  const before = new Map(entry.upstreams.map((upstream) => [upstream.key, upstream]));
  const node = run.node(id);
  const seen = new Set<string>();
  for (const upstream of run.graph.valueUpstreams(node)) {
    const { key } = run.node(upstream).call;
    if (seen.has(key)) continue;
    seen.add(key);
    const known = before.get(key);
    before.delete(key);
    if (known?.digest === run.results.digestIfAny(upstream)) continue;
    const change: Change = known === undefined ? "added" : "changed";
    causes.push({
      kind: "upstream",
      call: run.graph.describe(run.node(upstream)),
      node: upstream,
      change,
    });
  }
  for (const gone of before.values()) {
    causes.push({ kind: "upstream", call: gone.name, node: undefined, change: "removed" });
  }
  // Calls that the task made itself the last time.
  for (const [key, digest] of entry.calls) {
    const made = run.graph.find(key as Key);
    if (made === undefined || run.results.digestIfAny(made.id) === digest) continue;
    causes.push({ kind: "upstream", call: run.graph.describe(made), node: made.id, change: "changed" });
  }
  const split = (env: readonly string[]) =>
    Object.fromEntries(env.map((pair) => [pair.split(" ")[0]!, pair]));
  const env = hiddenEnv(run.envOf(run.taskOf(id)));
  for (const [name, change] of differences(split(entry.env), split(env))) {
    causes.push({ kind: "env", name, change });
  }
  const params = Object.fromEntries(
    Object.keys(entry.params).map((name) => [name, paramDigest(run.options.params, name)]),
  );
  for (const [name, change] of differences(present(entry.params), present(params))) {
    causes.push({ kind: "param", name, change });
  }
  return causes;
}

/** Parameters that are there: the digest of others is empty. */
function present(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).filter(([, digest]) => digest !== ""));
}

/** The names whose texts differ. */
function differences(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): [name: string, change: Change][] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before)])];
  return names.filter((name) => before[name] !== now[name]).map((name) => [
    name,
    before[name] === undefined ? "added" : now[name] === undefined ? "removed" : "changed",
  ]);
}

/** Who makes a file that is missing: a hint for whoever has not said that one call depends on another, or was let down by it. */
import { callsNamed } from "../model/catalogue.ts";
import { type Call, unlink } from "../model/call.ts";
import { placeholders } from "../model/name.ts";
import { allRegistered } from "../model/registry.ts";
import { isSuccess } from "../model/state.ts";
import type { Naming } from "../plan/dependencies.ts";
import { stateOf } from "../schedule/set.ts";
import type { RunState } from "./run_state.ts";

/** More calls than this are not asked: it is only a hint. */
const MOST = 1_000;

/** Adds to each problem about a missing input file of a node which call makes that file, if one does. */
export function withMakers(problems: readonly string[], run: RunState, id: number): string {
  return problems.map((problem) => {
    const path = /^input file (.*) does not exist$/s.exec(problem)?.[1];
    const hint = path === undefined ? undefined : hintOf(path, run, id);
    return hint === undefined ? problem : `${problem}; ${hint}`;
  }).join("\n");
}

function hintOf(path: string, run: RunState, id: number): string | undefined {
  const before = makerBefore(path, run, id);
  if (before === undefined) {
    const maker = makerOf(path, run.graph.naming);
    return maker && `${maker} makes it: add that to its \`deps\``;
  }
  const name = run.graph.describe(run.node(before));
  const state = stateOf(run.schedule, before);
  if (state === "skipped") return `${name}, which makes it, was skipped`;
  return isSuccess(state) ? `${name} made it, and it is gone since` : undefined;
}

/** The node that declares an output, among those that a node waits for, also by way of others. */
function makerBefore(path: string, run: RunState, id: number): number | undefined {
  const before = new Set([id]);
  // A set that grows is gone through to its new end.
  for (const one of before) {
    if (one !== id && declares(run.node(one).call, path)) return one;
    for (const up of run.graph.upstreams(run.node(one))) if (before.size <= MOST) before.add(up);
  }
  return undefined;
}

/** Whether a call declares an output, as far as it can say that without being told anything. */
function declares({ task, bytes }: Call<unknown>, path: string): boolean {
  try {
    const outputs = task.files?.(unlink(bytes, () => undefined)).outputs ?? [];
    return outputs.some((rule) => (typeof rule === "string" ? rule : rule.path) === path);
  } catch {
    // It wants an input that nobody has told it.
    return false;
  }
}

/** The name of a call that declares an output, as far as calls can be made without being told anything. */
function makerOf(path: string, naming: Naming): string | undefined {
  let asked = 0;
  for (const task of allRegistered()) {
    if (task.files === undefined) continue;
    const found = callsNamed(task.name.replace(/\[[^\[\]]*\]/g, "*"), naming);
    const calls = found.kind === "one" ? [found] : found.kind === "many" ? found.calls : [];
    if (placeholders(task.name).length === 0 && found.kind !== "one") continue;
    for (const { name, call } of calls) {
      if (asked++ > MOST) return undefined;
      if (declares(call, path)) return name;
    }
  }
  return undefined;
}

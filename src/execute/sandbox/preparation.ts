/** What is to be done before a sandboxed process may start, and what it may do then. */
import fs from "node:fs";
import { dirname } from "node:path";
import type { Definition } from "../../model/definition.ts";
import { mayBePattern } from "../../model/files.ts";
import type { PermissionRule } from "../../model/permissions.ts";
import type { ResultStorage } from "../../model/storage.ts";
import type { BatchSandbox } from "../executor.ts";
import type { AttemptResult } from "../host/run_attempt.ts";
import type { BatchMessage, OpenMessage } from "../protocol.ts";
import { declaredFiles, effectivePermissions } from "./effective.ts";
import { absoluteRule, type Denied, permissionFlags } from "./flags.ts";
import type { HeldAttempt } from "./held_attempt.ts";
import { checkLinks, endangered } from "./links.ts";
import { failure } from "./settling.ts";
import { sliceOf, valuesOfItem } from "./slice.ts";

/** A process that can be started. */
export interface Prepared {
  readonly kind: "prepared";
  /** What it may do, with paths in full. */
  readonly rule: PermissionRule;
  readonly denied: Denied;
  readonly flags: readonly string[];
  /** What it is to run. */
  readonly batch: BatchMessage;
}

/**
 * Prepares an attempt: reads its upstream values, makes the folders of its outputs and its own, and finds out what it may do.
 * What cannot be held to its permissions fails here, before anything of the task has run.
 */
export async function prepare(
  attempt: HeldAttempt,
  task: Definition,
  sandbox: BatchSandbox,
  storage: ResultStorage,
  open: OpenMessage,
): Promise<Prepared | AttemptResult> {
  const { batch, item, info } = attempt;
  const values = new Map<number, Uint8Array>();
  for (const index of valuesOfItem(batch, item)) {
    const { bytes, file, digest } = batch.values[index]!;
    const read = bytes ?? storage.read(file!, digest);
    if (read === undefined) return { kind: "lost", values: [index] };
    values.set(index, read);
  }
  const extra = batch.extras[item];
  if (extra?.outputs?.some(mayBePattern)) await storage.preparePatterns();
  attempt.prepare();
  attempt.openFolders();
  const declared = declaredFiles(extra?.files, extra?.outputs, attempt.whole);
  const rule = absoluteRule(effectivePermissions({ ...sandbox, env: task.env }, declared).rule, open.cwd);
  const links = await checkLinks(rule, declared.outputs.map((path) => storage.absolute(path)));
  const problems = [...endangered(rule, ownFolders(open)), ...links.problems];
  if (problems.length > 0) return unheld(info.name, problems.join("; "));
  attempt.place = storage.directory(info.name, attempt.ctx.key, batch.validities[item]!);
  // It is there when the task has asked for it.
  fs.rmdirSync(attempt.place);
  const whole = {
    ...rule,
    read: withPath(rule.read, attempt.place),
    write: withPath(rule.write, attempt.place),
  };
  const flags = permissionFlags(whole, links.denied);
  if (typeof flags === "string") return unheld(info.name, flags);
  const latest = extra?.latest ?? storage.latest(info.name, attempt.ctx.key);
  return {
    kind: "prepared",
    rule: whole,
    denied: links.denied,
    flags,
    batch: sliceOf(batch, item, info, values, latest),
  };
}

/** A task that cannot be held to its permissions. */
export function unheld(task: string, why: string): AttemptResult {
  return failure("NoSandbox", `the task ${task} cannot be held to its permissions: ${why}`);
}

function withPath(given: true | readonly string[] | undefined, path: string): true | readonly string[] {
  return given === true ? true : [...given ?? [], path];
}

/** The folder with what a run prints, other runs, jobs and the history. */
export function stateFolder({ logs, run }: OpenMessage): string {
  return logs.endsWith(`/runs/${run}`) ? dirname(dirname(logs)) : logs;
}

/** The folder of what sandboxed processes are started from. */
export function sandboxFolder(open: OpenMessage): string {
  return `${stateFolder(open)}/sandbox`;
}

/** The folders that only runner writes to. */
function ownFolders(open: OpenMessage): readonly string[] {
  const { cache, readable, spill } = open;
  return [cache, readable, stateFolder(open), spill].filter((folder) =>
    folder !== undefined && folder !== ""
  ) as string[];
}

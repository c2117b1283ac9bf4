/** Failures of attempts whose host cannot tell them itself. Pure. */
import { encode } from "../model/codec/encode.ts";
import type { FailureReason } from "../model/retry.ts";
import { type TimeoutKind, type TimeoutRule, timeoutText } from "../model/timeout.ts";
import type { LostReason } from "./member.ts";
import type { FailedItem } from "./protocol.ts";

/** An attempt that one of the time limits has ended; `last` is the last line that it printed. When the time of all attempts is over, there is no other. */
export function timeoutItem(kind: TimeoutKind, rule: TimeoutRule, last?: string): FailedItem {
  const failed = item("timeout", "TimeoutError", timeoutText(kind, rule, last));
  return { ...failed, timeout: kind, retriable: kind !== "task" };
}

/** Where an attempt was sent, what its queue called it, and why it waited there as the queue has said. */
export interface SentTo {
  readonly backend: string;
  readonly id: string | undefined;
  readonly why: string | undefined;
}

/** An attempt that was sent elsewhere, and had not begun there when one of the time limits was reached. */
export function unbegunItem(kind: TimeoutKind, rule: TimeoutRule, { backend, id, why }: SentTo): FailedItem {
  const reason = why === undefined ? "" : `; ${backend}'s reason for the wait: ${why}`;
  const failed = item("timeout", "TimeoutError", timeoutText(kind, rule) + reason);
  const where = `by ${backend}${id === undefined ? "" : `, as ${id}`}`;
  return { ...failed, timeout: kind, retriable: kind !== "task", where };
}

/** An attempt whose member was lost. */
export function crashItem(why: string, reason: LostReason = "crash"): FailedItem {
  return item(reason, "Error", why);
}

/** An attempt that asked its thread or process to end; `where` is where that was, if it was elsewhere. */
export function exitItem(error: Uint8Array, exit: number, where?: string): FailedItem {
  return {
    reason: "exit",
    error,
    errorName: "Error",
    retriable: true,
    exit,
    ...(where !== undefined && { where }),
  };
}

/** An attempt whose job ended without bringing a result. */
export function jobItem(reason: FailureReason, message: string, exit: number | undefined): FailedItem {
  return { ...item(reason, "JobError", message), ...(exit !== undefined && { exit }) };
}

/** An attempt that did not begin, since what was loaded for it is not what the run has read. */
export function changedItem(files: readonly string[]): FailedItem {
  const message = `${files.join(", ")} changed after the run had read it, and before it was loaded`;
  return { ...item("error", "CodeChanged", message), retriable: false, changed: files };
}

/** An attempt that did not begin, since variables that its task declares are not here what they are where the run is. */
export function environmentItem(task: string, names: readonly string[], host: string): FailedItem {
  const one = names.length === 1;
  const message =
    `the environment ${one ? "variable" : "variables"} ${names.join(", ")}, which ${task} declares in ` +
    `\`env\`, ${one ? "is" : "are"} not on host ${host} what ${
      one ? "it is" : "they are"
    } where the run is: let ` +
    'the way it is sent pass them on (containers: `env: ["NAME"]` of the rule; ssh: `SendEnv`, or a prefix with ' +
    "`env NAME=value`)";
  return { ...item("error", "EnvironmentDiffers", message), retriable: false };
}

/** A failure by an error that was not thrown in the task: its stack would lead nowhere. */
function item(reason: FailureReason, name: string, message: string): FailedItem {
  const error = Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
  return { reason, error: encode(error), errorName: name, retriable: true };
}

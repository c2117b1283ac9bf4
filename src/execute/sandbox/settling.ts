/** What becomes of the word of a sandboxed process: it is checked, and stored under the key and validity that were sent out. */
import { unlink } from "../../model/call.ts";
import { decode } from "../../model/codec/decode.ts";
import { type Expression, unpackCalls } from "../../model/expression.ts";
import type { PermissionRule } from "../../model/permissions.ts";
import { registered } from "../../model/registry.ts";
import { errorBytes } from "../host/errors.ts";
import { settle } from "../host/publish.ts";
import { Results } from "../host/results.ts";
import type { AttemptResult } from "../host/run_attempt.ts";
import type { EndedMessage, FromHost, OpenMessage } from "../protocol.ts";
import { type ClaimedEnd, NoClaim } from "./claims.ts";
import { explained } from "./explain.ts";
import { findAgain, type HeardAsk } from "./findings.ts";
import { covers, type Denied } from "./flags.ts";
import type { HeldAttempt } from "./held_attempt.ts";

/** What the process of an attempt was held to, and what was heard of it. */
export interface Hearing {
  readonly rule: PermissionRule;
  readonly denied: Denied;
  readonly heard: readonly HeardAsk[];
}

/** A failure of an attempt whose task is not to blame, or did not run at all. */
export function failure(name: string, message: string): AttemptResult {
  const error = Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
  return {
    kind: "failed",
    failed: { reason: "error", error: errorBytes(error), errorName: name, retriable: false },
  };
}

/** A failure of an attempt whose process said what no host says. */
export function brokenWord(why: string): AttemptResult {
  return failure(
    "SandboxBroken",
    `the sandboxed process has said what is not true or no message: ${why}; nothing of it was stored`,
  );
}

/**
 * Settles an attempt whose process is gone.
 *
 * @param claim what the process said, if it said it.
 */
export function settleClaim(
  attempt: HeldAttempt,
  result: ClaimedEnd["result"],
  claim: ClaimedEnd | undefined,
  hearing: Hearing,
  open: OpenMessage,
  warn: (warning: Extract<FromHost, { kind: "warning" }>) => void,
): EndedMessage {
  const results = new Results(attempt.batch.id);
  attempt.millis = claim?.millis ?? 0;
  attempt.takeDirectory();
  if (result.kind === "cancelled") {
    results.add(attempt.item, 0, "", undefined, undefined, { cancelled: true });
  } else settle(attempt, judged(attempt, result, claim, hearing, open), results, open, attempt.storage, warn);
  attempt.dropDirectory();
  return results.take(false);
}

/** A result that may be settled. */
function judged(
  attempt: HeldAttempt,
  result: AttemptResult,
  claim: ClaimedEnd | undefined,
  hearing: Hearing,
  open: OpenMessage,
): AttemptResult {
  if (result.kind === "failed") return clear(result, attempt, hearing, open.cwd);
  if (result.kind !== "value" || claim === undefined) return result;
  try {
    if (result.follow) checkCalls(result.bytes);
    for (const path of claim.trace?.files ?? []) {
      const full = attempt.storage.absolute(path);
      if (!covers(hearing.rule.read, full) || covers(hearing.denied.read, full)) {
        throw new NoClaim(`it has read ${path}, which it could not`);
      }
    }
    findAgain(attempt, claim.trace, hearing.heard);
    noteOutdated(attempt, claim);
    return result;
  } catch (error) {
    if (error instanceof NoClaim) return brokenWord(error.message);
    throw error;
  }
}

/** Files that it has found out and that are not as it saw them: the validity that followed from them is not what follows now. */
function noteOutdated(attempt: HeldAttempt, claim: ClaimedEnd): void {
  const found = attempt.usedFindings;
  const base = attempt.batch.validities[attempt.item]!;
  if (found === undefined || base === "" || !found.keeps) return;
  if (found.trace(base)?.validity === claim.validity) return;
  attempt.outdated = found.seen.map((file) => file.path);
}

/** Calls that a result refers to must be such that they can be made. */
function checkCalls(bytes: Uint8Array): void {
  try {
    const expression = decode(bytes) as Expression;
    unpackCalls(expression, (call) => registered(call.task, call.frames[0]));
    unlink(expression.bytes, () => undefined);
  } catch (error) {
    throw new NoClaim(`the calls of its result cannot be made: ${(error as Error).message}`);
  }
}

/** A failure in the words of the declaration, when it comes from a permission that is absent. */
function clear(
  result: Extract<AttemptResult, { kind: "failed" }>,
  { others, storage }: HeldAttempt,
  { rule, denied }: Hearing,
  cwd: string,
): AttemptResult {
  const error = decode(result.failed.error) as Error;
  const better = explained(error, {
    cwd,
    read: rule.read,
    write: rule.write,
    others: others.map((path) => storage.absolute(path)),
    denied,
    starts: rule.run !== undefined,
  });
  if (better === error) return result;
  const { definition: _, ...failed } = result.failed;
  return {
    kind: "failed",
    failed: { ...failed, error: errorBytes(better), errorName: better.name, retriable: false },
  };
}

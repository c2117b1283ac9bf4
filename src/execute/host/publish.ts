/** What happens to an attempt's value: it goes to the cache, to a file of the run, or into the message. */
import { digestOf } from "../../model/digest.ts";
import type { Collected } from "../../model/file_ports.ts";
import type { Published, ResultStorage } from "../../model/storage.ts";
import { CALLS, NOTHING, OUTPUTS } from "../../model/stored_kind.ts";
import { isUndefined, outputsSignature, unwrapOutputs, wrapOutputs } from "../../model/stored_outputs.ts";
import { hasHadChildren } from "../../runtime/processes.ts";
import type { HostWarning, OpenMessage, SpecialItem } from "../protocol.ts";
import type { Attempt } from "./attempt.ts";
import { entryOf } from "./entry.ts";
import { errorBytes } from "./errors.ts";
import { type AttemptResult, failureOf } from "./run_attempt.ts";
import type { Results } from "./results.ts";
import { changedFiles } from "./sources.ts";

type Special = { -readonly [Property in keyof SpecialItem]: SpecialItem[Property] };

/** Turns the result of an attempt into an item of the message. */
export function settle(
  attempt: Attempt,
  result: AttemptResult,
  results: Results,
  open: OpenMessage,
  storage: ResultStorage,
  warn: (warning: HostWarning) => void,
): void {
  const special: Special = {};
  let made: Made | undefined;
  if (result.kind === "value") {
    result = unlessStopped(attempt, result);
    if (result.kind === "value" && result.unchanged) {
      special.unchanged = true;
      attempt.prior?.putBack();
    }
    // Nothing to look at is by far the most common case.
    if (result.kind === "value" && restsOnFiles(attempt)) {
      const checked = checkFiles(attempt, result, storage, special, warn);
      if ("stored" in checked) made = checked;
      else result = checked;
    }
  }
  const output = attempt.closeOutput();
  // What it has written is as good as nothing when its result is not kept.
  if (special.unchanged !== true) {
    attempt.noteLeftovers(made === undefined || made.unkept !== undefined || special.outdated !== undefined);
  }
  if (made !== undefined) attempt.prior?.done();
  else attempt.prior?.putBack();
  if (result.kind !== "value") {
    return settleOther(attempt, result, results, storage, warn, output, open.keepFailed ?? false);
  }
  new Settling(attempt, results, open, storage, warn).value(
    made ?? { value: result.bytes, stored: result.bytes, kind: result.follow ? CALLS : 0 },
    special,
    output,
  );
}

/** A value, and the bytes that stand for it in the cache. */
interface Made {
  readonly value: Uint8Array;
  readonly stored: Uint8Array;
  readonly kind: number;
  /** Why the cache could not take the outputs. */
  readonly unkept?: Error | undefined;
}

/** Whether there are files to look at. */
function restsOnFiles({ batch, info, usedFindings }: Attempt): boolean {
  return batch.extras.length > 0 || usedFindings !== undefined || (info.sources?.late.length ?? 0) > 0;
}

/** Looks at the files of a task that has succeeded: were its inputs left alone, are its outputs there? */
function checkFiles(
  attempt: Attempt,
  result: Extract<AttemptResult, { kind: "value" }>,
  storage: ResultStorage,
  special: Special,
  warn: (warning: HostWarning) => void,
): Made | AttemptResult {
  const { batch, item, task } = attempt;
  const { files = [], trigger = "content", outputs } = batch.extras[item] ?? {};
  const noted = attempt.usedFindings?.seen ?? [];
  const seen = [...files, ...noted];
  // What a task notes it may have read before it said so: the file must not have changed since the task began.
  const later = noted.length === 0 || trigger === "exists"
    ? []
    : storage.files.later(noted, attempt.started, outputs ?? []);
  const outdated = [...new Set([...later, ...storage.files.changed(seen, trigger)])];
  // Whether it has loaded or read them before or after they changed is known to nobody.
  const late = changedFiles(attempt.info.sources?.late ?? []);
  if (late.length > 0) special.late = true;
  if (outdated.length + late.length > 0) special.outdated = [...outdated, ...late];
  const kind = result.follow ? CALLS : 0;
  if (outputs === undefined) return { value: result.bytes, stored: result.bytes, kind };
  try {
    const prior = result.unchanged ? undefined : attempt.prior;
    const collected = storage.files.collect(outputs, task.compression, prior);
    if (collected.kind === "absent") return failureOf(absentOutputs(collected));
    const { untouched, passedOver, unkept } = collected;
    if (untouched.length > 0) special.untouched = untouched;
    if (passedOver.length > 0) warn({ kind: "warning", message: passedOverText(attempt, passedOver) });
    special.seen = collected.seen;
    special.signature = outputsSignature(collected.stored);
    const stored = wrapOutputs(collected.stored, result.bytes);
    const nothing = kind === 0 && isUndefined(result.bytes) ? NOTHING : 0;
    return { value: result.bytes, stored, kind: kind | OUTPUTS | nothing, unkept };
  } catch (error) {
    return failureOf(error);
  }
}

/** The error of a task that did not make what it declares. */
function absentOutputs(
  { missing, old, before }: Extract<Collected, { kind: "absent" }>,
): Error {
  const parts = [
    ...(missing.length > 0 ? [`declared outputs are missing: ${missing.join(", ")}`] : []),
    ...(before.length > 0
      ? [`declared outputs were not written by this attempt, they are left from before: ${before.join(", ")}`]
      : []),
    ...(old.length > 0 ? [`declared outputs are older than they may be: ${old.join(", ")}`] : []),
  ];
  const error = new Error(
    `the task has ended, and ${parts.join("; ")}. Write them, or take them out of \`outputs\``,
  );
  return Object.assign(error, { name: "MissingOutput", stack: `MissingOutput: ${error.message}` });
}

/** What is said of files in folders of outputs that an attempt has passed over. */
function passedOverText(attempt: Attempt, paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(", ") + (paths.length > 3 ? `, +${paths.length - 3} more` : "");
  return `${shown}: there before ${attempt.ctx.name} ran, and not written by it, so no output of it; remove ` +
    'that, leave it out with "!…", or declare output(…, { precious: true })';
}

/** Whatever is no value. */
function settleOther(
  attempt: Attempt,
  result: Exclude<AttemptResult, { kind: "value" }>,
  results: Results,
  storage: ResultStorage,
  warn: (warning: HostWarning) => void,
  output: SpecialItem["output"],
  keepFailed: boolean,
): void {
  const { item, millis } = attempt;
  const keeps = keepFailed && result.kind === "failed" && attempt.ctx.abortReason !== "cancelled";
  if (attempt.ctx.usedDirectory !== undefined && !keeps) storage.discard(attempt.ctx.usedDirectory);
  const special: Special = { ...(output && { output }) };
  if (result.kind === "lost") {
    for (const { task, key } of result.values.map((index) => attempt.batch.values[index]!)) {
      warn({
        kind: "warning",
        message: `a stored result of ${task} (${key.slice(0, 8)}) is damaged or gone; it is computed again`,
      });
    }
    special.lost = result.values;
  } else if (result.kind === "skipped") special.skipped = result.why;
  else {
    special.failed = result.failed;
    if (attempt.ctx.abortReason === "cancelled") special.cancelled = true;
  }
  results.add(item, millis, "", undefined, undefined, special);
}

/**
 * The value, or a failure when the task was asked to stop, or what it has started may have been: what it returned may then be half
 * of its work.
 */
function unlessStopped(attempt: Attempt, result: AttemptResult): AttemptResult {
  const { abortReason, noticedAbort } = attempt.ctx;
  const maybe = noticedAbort || attempt.signalled && hasHadChildren();
  if (abortReason !== "timeout" && !maybe) return result;
  return failureOf(new Error("the task returned a value after it was asked to stop"));
}

/** One value on its way. */
class Settling {
  constructor(
    private readonly attempt: Attempt,
    private readonly results: Results,
    private readonly open: OpenMessage,
    private readonly storage: ResultStorage,
    private readonly warn: (warning: HostWarning) => void,
  ) {}

  /** Stores a value where it is to be stored, and adds it to the message. */
  value(made: Made, special: Special, output: SpecialItem["output"]): void {
    const { attempt, open, storage, results } = this;
    const { item, millis } = attempt;
    let { value, kind } = made;
    let digest = open.digests ? digestOf(made.stored) as string : "";
    const published = special.outdated === undefined && special.untouched === undefined
      ? this.publish(made, digest, special, output)
      : undefined;
    if (published?.adopted !== undefined) {
      ({ digest, kind } = published.adopted);
      const { bytes } = published.adopted;
      const parts = kind & OUTPUTS ? unwrapOutputs(bytes) : { value: bytes, files: [] };
      value = parts.value;
      if (kind & OUTPUTS) special.signature = outputsSignature(parts.files);
    }
    if (published === undefined && output !== undefined) special.output = output;
    if (kind & OUTPUTS) {
      special.kind = kind;
      if (open.cache === undefined && attempt.batch.validities[item] !== "") special.stored = made.stored;
    }
    if (kind & CALLS) special.follow = true;
    const inline = value.length <= open.inlineBytes;
    if (!inline) {
      try {
        special.file = published?.file ??
          storage.spill(`${attempt.batch.keys[item]}-${attempt.batch.attempts[item]}`, value);
      } catch (error) {
        return results.fail(item, millis, {
          reason: "error",
          error: errorBytes(error),
          errorName: (error as Error).name,
          retriable: false,
        }, special.output);
      }
    }
    results.add(
      item,
      millis,
      digest,
      published?.stamp,
      inline ? value : undefined,
      isEmpty(special) ? undefined : special,
    );
  }

  /** Stores a value in the cache, if it is to be stored; a cache that cannot be written is told of, and hurts nothing. */
  private publish(
    made: Made,
    digest: string,
    special: Special,
    output: SpecialItem["output"],
  ): Published | undefined {
    const { attempt, open, storage } = this;
    const { batch, item, info } = attempt;
    const base = batch.validities[item]!;
    // Failures are never kept, nor what rests on them.
    if (base === "" || attempt.usedFindings?.keeps === false) {
      const seen = attempt.usedFindings?.seen ?? [];
      if (seen.length > 0) special.found = seen.map((file) => file.path);
      return undefined;
    }
    const found = attempt.usedFindings?.trace(base);
    if (found !== undefined) special.validity = found.validity;
    if (found !== undefined && open.cache === undefined) special.traced = found.trace;
    if (!info.store || open.cache === undefined) return undefined;
    try {
      if (made.unkept !== undefined) throw made.unkept;
      const entry = entryOf(attempt, made, digest, found, open.run, output);
      const published = storage.publish(entry);
      if (found !== undefined) {
        special.trace = storage.putTrace(info.name, batch.keys[item]!, base, found.trace);
      }
      return published;
    } catch (error) {
      this.warn({
        kind: "warning",
        cacheFailed: true,
        message: `results are not being cached: ${
          (error as Error).message
        }; the values are right all the same: make room in ${open.cache}, or choose another folder for the cache`,
      });
      return undefined;
    }
  }
}

/** Whether nothing is special. */
function isEmpty(special: Special): boolean {
  for (const _ in special) return false;
  return true;
}

/** What executors tell, turned into inputs of the scheduler. */
import type { Batch, ExecutorListener } from "../execute/executor.ts";
import type { EndedMessage, FailedItem, SpecialItem } from "../execute/protocol.ts";
import { DefinitionError, EnvironmentError } from "../model/failure.ts";
import { decode } from "../model/codec/decode.ts";
import type { Ask } from "../model/ask.ts";
import type { SeenFile } from "../model/files.ts";
import { errorBytes } from "../execute/host/errors.ts";
import { encode } from "../model/codec/encode.ts";
import { digestOf } from "../model/digest.ts";
import type { Input } from "../schedule/input.ts";
import { bindExpression } from "./answers.ts";
import { Doubts } from "./doubts.ts";
import { keepResult } from "./keep_result.ts";
import { keptFolder } from "./kept_folder.ts";
import { groupAfter } from "./next_group.ts";
import { codeChangedText, outdatedText, untouchedText } from "./not_kept.ts";
import { pickFailure } from "./pick_failure.ts";
import type { OutputFiles, RunState } from "./run_state.ts";

/** A task whose inputs change each time it runs, perhaps since it changes them itself, is run again so many times. */
const MOST_AGAIN = 3;

/** Listens to the executors of a run. */
export class RunListener implements ExecutorListener {
  /** By node: how often its inputs have changed while it ran. */
  private readonly outdated = new Map<number, number>();
  readonly doubts: Doubts;

  constructor(
    private readonly run: RunState,
    private readonly feed: (input: Input) => void,
    /** Ends the run for a reason that is no task's fault. */
    private readonly giveUp: (error: Error) => void,
    private readonly ask: (batch: Batch, ask: Ask) => void,
  ) {
    this.doubts = new Doubts(run);
  }

  asked(batch: Batch, ask: Ask): void {
    this.ask(batch, ask);
  }

  ended(batch: Batch, message: EndedMessage): void {
    const special = new Map(message.special);
    const inputs: Input[] = [];
    let start = 0;
    message.items.forEach((item, index) => {
      const end = message.ends[index]!;
      const node = batch.nodes[item]!;
      inputs.push(this.endedItem(batch, message, index, node, start, end, special.get(index)));
      this.over(node);
      start = end;
    });
    this.feed({ kind: "together", inputs });
  }

  failed(batch: Batch, item: number, failed: FailedItem, output: OutputFiles): void {
    this.over(batch.nodes[item]!);
    this.feed(this.failure(batch.nodes[item]!, failed, output));
  }

  cancelled(batch: Batch, item: number): void {
    this.over(batch.nodes[item]!);
    this.feed({ kind: "attempt-cancelled", node: batch.nodes[item]! });
  }

  returned(nodes: readonly number[]): void {
    for (const node of nodes) this.over(node);
    this.feed({ kind: "recalled", nodes });
  }

  warned(message: string, cacheFailed: boolean): void {
    if (cacheFailed && this.run.notStored !== undefined) return;
    if (cacheFailed) this.run.notStored = message;
    this.run.warn(message);
  }

  broken(message: string, what = "A worker"): void {
    this.giveUp(new EnvironmentError(`${what} does not work: ${message}`));
  }

  /** One ended attempt. */
  private endedItem(
    batch: Batch,
    message: EndedMessage,
    index: number,
    node: number,
    start: number,
    end: number,
    special: SpecialItem | undefined,
  ): Input {
    if (special?.lost !== undefined) return this.lost(batch, node, special.lost);
    if (special?.cancelled) return { kind: "attempt-cancelled", node };
    if (special?.failed !== undefined) return this.failure(node, special.failed, special.output ?? {});
    const millis = message.millis[index]!;
    if (special?.skipped !== undefined) return this.skipped(node, millis, special.skipped);
    if (special?.found !== undefined) {
      const trigger = this.run.files.known(node)?.trigger ?? "content";
      this.run.foundOut.push({ paths: special.found, trigger });
    }
    if (special?.seen !== undefined) {
      const rival = this.rival(node, special.seen);
      if (rival !== undefined) return this.failure(node, rival, special.output ?? {});
      this.run.ports.files().note(special.seen);
    }
    if (special?.outdated !== undefined) {
      const times = (this.outdated.get(node) ?? 0) + 1;
      this.outdated.set(node, times);
      // Another edit of the code is another run's: this one knows it as it was.
      if (this.run.options.rerunOutdated && !special.late && times <= MOST_AGAIN) {
        this.run.ports.files().changed(special.outdated);
        const call = this.run.graph.describe(this.run.node(node));
        this.run.options.tell({ kind: "node-restarted", node, call, paths: special.outdated });
        return { kind: "attempt-outdated", node };
      }
      this.run.warn(outdatedText(this.run, node, special.outdated));
    }
    if (special?.untouched !== undefined) this.run.warn(untouchedText(this.run, node, special.untouched));
    if (this.doubts.halved(node, special?.validity)) return { kind: "attempt-cancelled", node };
    const mixed = special?.takenOver !== true && this.doubts.mixed(node, special?.validity);
    this.run.times.took(node, millis);
    const digest = message.digests[index]!;
    const stamp = message.stamps[index];
    const inline = special?.file === undefined;
    const bytes = inline ? message.bytes.subarray(start, end) : undefined;
    const doubtful = special?.outdated !== undefined || special?.untouched !== undefined || mixed;
    if (!doubtful) keepResult(this.run, node, digest, stamp, bytes, special);
    // Looked up like any stored result: parameters may be others than the run had that the job was made for, and so its calls.
    const open = special?.takenOver && special.trace !== undefined && !this.run.forced.has(node);
    if (open && !doubtful) {
      if (special.validity !== undefined) this.run.takenOver.set(node, special.validity);
      return { kind: "attempt-outdated", node };
    }
    this.run.ran.push(node);
    if (special?.follow) {
      const bound = bindExpression(
        this.run,
        bytes ?? this.run.ports.readFile({ digest, bytes: undefined, file: special.file })!,
      );
      if (bound === undefined) return this.failure(node, lostTask(), {});
      this.run.follows.set(node, bound);
      return { kind: "attempt-succeeded", node, millis, follow: bound.nodes };
    }
    this.run.results.set(node, digest, inline ? message.bytes : undefined, start, end, special?.file);
    return { kind: "attempt-succeeded", node, millis };
  }

  /** The failure of a call that has written what another one has written; what was stored of it goes. */
  private rival(node: number, seen: readonly SeenFile[]): FailedItem | undefined {
    try {
      this.run.files.made(node, seen.map(({ path }) => path));
      return undefined;
    } catch (error) {
      const { task, key } = this.run.node(node).call;
      if (this.run.ports.cache.writable !== undefined) this.run.ports.cache.clear(task.name, [key]);
      const { name } = error as Error;
      return { reason: "error", error: errorBytes(error), errorName: name, retriable: false };
    }
  }

  /** A task that said there was nothing to do. */
  private skipped(node: number, millis: number, why: string): Input {
    const { run } = this;
    const bytes = encode(undefined);
    run.results.set(node, run.ports.cache.reads ? digestOf(bytes) : "", bytes, 0, bytes.length, undefined);
    run.options.tell({ kind: "node-skipped", node, call: run.graph.describe(run.node(node)), why });
    return { kind: "attempt-succeeded", node, millis, skipped: true };
  }

  /** An attempt is over, however it has ended. */
  private over(node: number): void {
    this.run.ports.making.end(this.run.node(node).call.key);
  }

  /** An attempt that could not begin, since results it needs are gone. */
  private lost(batch: Batch, node: number, values: readonly number[]): Input {
    const keys = new Set(values.map((index) => batch.values[index]!.key));
    const { graph } = this.run;
    const upstreams = graph.upstreams(this.run.node(node)).filter((up) =>
      keys.has(this.run.node(up).call.key)
    );
    try {
      for (const upstream of upstreams) this.run.noteLost(upstream);
    } catch (error) {
      this.giveUp(error as Error);
    }
    return { kind: "results-lost", node, during: "attempt", upstreams };
  }

  /** Code was loaded that is not what the run has read: nothing new starts, what runs already goes on. */
  private codeChanged(node: number, changed: readonly string[]): void {
    this.run.fatal ??= new EnvironmentError(codeChangedText(this.run, node, changed));
  }

  /** A failed attempt. */
  private failure(node: number, failed: FailedItem, output: OutputFiles): Input {
    if (failed.definition !== undefined) {
      const { task } = this.run.node(node).call;
      const error = failed.error.length === 0 ? undefined : decode(failed.error) as Error;
      const at = task.frames[0];
      const reason = error === undefined || error.message === failed.definition
        ? ""
        : `: ${error.name}: ${error.message}`;
      this.giveUp(
        new DefinitionError([{
          kind: "unreachable-task",
          task: task.name,
          problem: failed.definition + reason,
          ...(at && { at }),
        }]),
      );
    }
    if (failed.changed !== undefined) this.codeChanged(node, failed.changed);
    // What is wrong with the pipeline, or its files, is told as that, not as a failure of the task as well.
    const other = failed.definition !== undefined || failed.changed !== undefined;
    const picked = failed.errorName === "PickError" ? pickFailure(this.run, node) : undefined;
    const told = other
      ? { ...failed, error: new Uint8Array() }
      : picked === undefined
      ? failed
      : { ...failed, error: errorBytes(picked) };
    // What had ended the attempts so far is why they have used up their time.
    const before = failed.timeout === "task" ? this.run.failing.get(node) : undefined;
    this.run.failing.set(node, { failed: told, output, directory: keptFolder(this.run, node), before });
    const left = this.run.timeLeft(node);
    const group = failed.retriable ? groupAfter(this.run, node, failed) : undefined;
    const input: Input = {
      kind: "attempt-failed",
      node,
      reason: failed.reason,
      errorName: failed.errorName,
      retriable: failed.retriable,
      vary: this.run.ports.random(),
      ...(failed.counts && { counts: true }),
      ...(failed.exit !== undefined && { exit: failed.exit }),
      ...(left !== undefined && { left }),
      ...(group !== undefined && { group }),
    };
    const groups = this.run.newGroups();
    if (groups.length === 0) return input;
    return { kind: "together", inputs: [{ kind: "groups-added", groups }, input] };
  }
}

/** A task returned a call of a task that the main program does not know. */
function lostTask(): FailedItem {
  const definition =
    "returned a call of a task that the main program has not loaded; import that task's module from the pipeline";
  return { reason: "error", error: new Uint8Array(), errorName: "Error", retriable: false, definition };
}

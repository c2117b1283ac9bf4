/**
 * What runs tasks, whatever thread or process it lives in: lanes of batches, each item in turn, results in portions.
 *
 * A portion is first run, then one turn of the event loop passes (so that errors that reached nobody come to light), and only
 * then are its results published: a task that failed late is never a hit.
 */
import type { BatchMessage, HostWarning, OpenMessage, ToHost } from "../protocol.ts";
import type { ResultStorage } from "../../model/storage.ts";
import { TASK_HOST } from "../../model/brand.ts";
import { digestBy } from "../../model/digest.ts";
import { mayBePattern } from "../../model/files.ts";
import { unreachable } from "../../model/unreachable.ts";
import { digestAtOnce } from "../../runtime/digest.ts";
import { onStray } from "../../runtime/ends.ts";
import { Control } from "../control.ts";
import { Asker } from "./asker.ts";
import { Attempt } from "./attempt.ts";
import { currentOwner } from "./current.ts";
import { errorBytes } from "./errors.ts";
import { ExitAsked, guardExit } from "./exit.ts";
import { endWithRunner } from "./lifeline.ts";
import { loadModule } from "./modules.ts";
import { catchOutput } from "./output.ts";
import type { HostPlace } from "./place.ts";
import { settle } from "./publish.ts";
import { type AttemptResult, failureOf, runAttempt } from "./run_attempt.ts";
import { Results } from "./results.ts";
import { HostTasks } from "./tasks.ts";

/** After this long without a report, results so far are sent. */
const PORTION_MILLIS = 10;
/** After so many items what they hold is let go of: what lives on for long is costly to collect. */
const PORTION_ITEMS = 64;

/** The result of an attempt; `undefined` as soon as it waits for calls it has made. */
async function unlessWaiting(
  attempt: Attempt,
  result: Promise<AttemptResult>,
): Promise<AttemptResult | undefined> {
  if (attempt.waiting) return undefined;
  const waiting = new Promise<undefined>((resolve) => attempt.whenWaiting = () => resolve(undefined));
  const ended = await Promise.race([result, waiting]);
  attempt.whenWaiting = undefined;
  return ended;
}

/** One host. */
export class Host {
  private open!: OpenMessage;
  private storage!: ResultStorage;
  private control: Control | undefined;
  private readonly tasks: HostTasks;
  private readonly lanes = new Map<number, { readonly queue: BatchMessage[]; running: boolean }>();
  private readonly active = new Set<Attempt>();
  private portion: { readonly attempt: Attempt; result: AttemptResult }[] = [];
  private recent: Attempt | undefined;
  private readonly asker: Asker;
  private readonly claimed = new Map<number, number>();
  private ready: Promise<void> | undefined;
  /** The run is cancelled: what comes now does not begin. */
  private stopping = false;

  constructor(private readonly place: HostPlace) {
    digestBy(digestAtOnce);
    this.tasks = new HostTasks(place.elsewhere ?? false, place.exit === undefined);
    this.asker = new Asker((message) => place.send(message));
  }

  /** Takes a message. */
  receive(message: ToHost): void {
    switch (message.kind) {
      case "open":
        this.ready = this.begin(message).catch((error: unknown) =>
          this.place.send({ kind: "broken", message: String((error as Error).stack ?? error) })
        );
        return;
      case "batch": {
        // At once, not in the batch's turn: another lane's batch may come to these tasks sooner.
        for (const info of message.newTasks) this.tasks.learn(info, this.ready!);
        let lane = this.lanes.get(message.lane);
        if (lane === undefined) this.lanes.set(message.lane, lane = { queue: [], running: false });
        lane.queue.push(message);
        if (!lane.running) void this.runLane(lane);
        return;
      }
      case "cancel":
        if (message.batch === "all") this.stopping = true;
        for (const attempt of this.active) {
          if (message.batch === "all" || attempt.batch.id === message.batch) {
            attempt.abort(message.reason, message.signalled);
          }
        }
        return;
      case "reply":
        return this.asker.receive(message.replies);
      default:
        return unreachable(message);
    }
  }

  private async begin(open: OpenMessage): Promise<void> {
    this.open = open;
    if (this.place.exit !== undefined) (globalThis as unknown as Record<symbol, boolean>)[TASK_HOST] = true;
    // A process that is held to permissions cannot end its group: it is watched from outside.
    if (open.output !== undefined && open.held === undefined) endWithRunner();
    await this.place.prepare(open);
    if (open.uncaught !== true && open.printed === undefined) catchOutput();
    if (this.place.exit !== undefined) {
      guardExit((code) => this.exiting(code));
      this.catchStray();
    }
    this.storage = this.place.openStorage(open);
    this.control = open.control === undefined ? undefined : new Control(open.control);
    await Promise.all(open.modules.map(loadModule));
    this.place.send({ kind: "ready" });
  }

  private async runLane(lane: { readonly queue: BatchMessage[]; running: boolean }): Promise<void> {
    lane.running = true;
    await this.ready;
    for (let batch = lane.queue.shift(); batch !== undefined; batch = lane.queue.shift()) {
      try {
        await this.runBatch(batch);
      } catch (error) {
        this.place.send({ kind: "broken", message: String((error as Error).stack ?? error) });
      }
    }
    lane.running = false;
  }

  private async runBatch(batch: BatchMessage): Promise<void> {
    if (this.tasks.areLearnt) await this.tasks.learnt(batch.tasks);
    if (batch.extras.some((extra) => extra?.outputs?.some(mayBePattern))) {
      await this.storage.preparePatterns();
    }
    this.place.beginning?.();
    const results = new Results(batch.id);
    let last = performance.now();
    for (let item = this.claim(batch); item >= 0; item = this.claim(batch)) {
      if (this.place.skips?.(item)) continue;
      if (this.stopping) {
        results.add(item, 0, "", undefined, undefined, { cancelled: true });
        continue;
      }
      const { info, task } = this.tasks.of(batch.tasks[item]!);
      if ("reason" in task) {
        results.fail(item, 0, task);
        continue;
      }
      const attempt = new Attempt(batch, item, info, task, this.storage, this.open, this.asker);
      this.recent = attempt;
      this.active.add(attempt);
      if (batch.announce) this.place.send({ kind: "begun", batch: batch.id });
      let result = runAttempt(attempt);
      if (result instanceof Promise) {
        if (this.portion.length > 0) await this.flush(batch, results);
        this.place.waiting?.();
        const ended = await unlessWaiting(attempt, result);
        if (ended === undefined) {
          // Others come meanwhile; what it waits for may be among them.
          void this.endLater(attempt, result);
          continue;
        }
        result = ended;
      }
      attempt.stop();
      this.portion.push({ attempt, result });
      // A long attempt is told at once, for others wait for it; short ones are told together.
      if (
        attempt.begun + attempt.millis - last > PORTION_MILLIS ||
        (result.kind === "value" && result.bytes.length > 262_144)
      ) {
        await this.flush(batch, results);
        last = performance.now();
      } else if (this.portion.length >= PORTION_ITEMS) await this.settlePortion(batch, results);
    }
    this.control?.idle(batch.lane, batch.slot);
    await this.flush(batch, results, true);
    this.claimed.delete(batch.id);
  }

  /** Reports an attempt that has waited for calls when it is over. */
  private async endLater(attempt: Attempt, result: Promise<AttemptResult>): Promise<void> {
    const ended = await result;
    attempt.stop();
    this.portion.push({ attempt, result: ended });
    await this.flush(attempt.batch, new Results(attempt.batch.id));
  }

  /** Lets strays come to light, then publishes and reports what has been run. */
  private async flush(batch: BatchMessage, results: Results, last = false): Promise<void> {
    await this.settlePortion(batch, results);
    this.send(results, last);
  }

  /** One turn of the event loop, then what has been run is published. */
  private async settlePortion(batch: BatchMessage, results: Results): Promise<void> {
    if (this.portion.some(({ attempt }) => attempt.batch === batch)) {
      await (this.place.turn?.() ?? new Promise((done) => setImmediate(done)));
    }
    this.publish(batch, results);
  }

  private publish(batch: BatchMessage, results: Results): void {
    const mine = this.portion.filter(({ attempt }) => attempt.batch === batch);
    this.portion = mine.length === this.portion.length
      ? []
      : this.portion.filter(({ attempt }) => attempt.batch !== batch);
    for (const { attempt, result } of mine) {
      const last = attempt.stray !== undefined && result.kind === "value"
        ? failureOf(attempt.stray.error)
        : result;
      settle(attempt, last, results, this.open, this.storage, this.warn);
      attempt.ended = true;
      this.active.delete(attempt);
    }
  }

  private send(results: Results, last = false): void {
    if (results.count === 0 && !last) return;
    const message = results.take(last);
    this.place.send(
      message,
      message.bytes.length > 65_536 ? [message.bytes.buffer as ArrayBuffer] : undefined,
    );
  }

  /** The next item of a batch that nobody has claimed or taken back, or -1. */
  private claim(batch: BatchMessage): number {
    if (this.control !== undefined) return this.control.next(batch.lane, batch.slot);
    const next = this.claimed.get(batch.id) ?? 0;
    this.claimed.set(batch.id, next + 1);
    return next < batch.tasks.length ? next : -1;
  }

  private readonly warn = (warning: HostWarning): void => this.place.send(warning);

  /** Errors that no task awaited: they fail the attempt they come from. */
  private catchStray(): void {
    const stray = (error: unknown): void => {
      if (error instanceof ExitAsked) return;
      const store = currentOwner() as Attempt | undefined;
      const waiting = [...this.active].filter((attempt) => attempt.interrupt !== undefined);
      const owner = store ?? (waiting.length === 1 ? waiting[0] : this.recent);
      if (owner === undefined || owner.ended) {
        const name = owner === undefined ? "a task" : owner.info.name;
        return this.warn({
          kind: "warning",
          message: `an error came out of ${name} after it had ended: ${
            String((error as Error)?.message ?? error)
          }`,
        });
      }
      owner.stray ??= { error };
      owner.interrupt?.(error);
    };
    onStray(stray);
  }

  /** A task called `process.exit` or the like: what is finished is reported, then this host ends. */
  private exiting(code: number): void {
    const attempt = currentOwner() as Attempt | undefined ?? this.recent;
    const done = this.portion.filter((one) => one.attempt !== attempt);
    this.portion = done;
    for (const batch of new Set(done.map((one) => one.attempt.batch))) {
      const results = new Results(batch.id);
      this.publish(batch, results);
      this.send(results);
    }
    if (attempt !== undefined && !attempt.ended) {
      const output = attempt.closeOutput();
      const error = new Error(
        `the task ended its ${this.open.control === undefined ? "process" : "worker"} with exit code ${code}`,
      );
      this.place.send({
        kind: "exiting",
        batch: attempt.batch.id,
        item: attempt.item,
        code,
        error: errorBytes(error),
        output: output ?? {},
      });
    }
    this.place.exit!(code);
  }
}

/**
 * The other end of a job: a host that runs the attempts of one specification, wherever it was started, and leaves what became of
 * them in letters. It needs nothing of its run but the folders: a run that is no more is not missed.
 */
import type { OpenStorage } from "../../model/storage.ts";
import { EnvironmentError } from "../../model/failure.ts";
import { turn } from "../../runtime/turn.ts";
import { fs } from "../../runtime/fs.ts";
import { hasSeenEnd } from "../../runtime/processes.ts";
import { complain, program } from "../../runtime/program.ts";
import { Host } from "../host/host.ts";
import { timeoutItem } from "../failed_items.ts";
import { lastLine } from "../last_line.ts";
import { type TimeoutKind, watchesAttempts } from "../../model/timeout.ts";
import {
  type AskMessage,
  type EndedMessage,
  type FromHost,
  type OpenMessage,
  outputName,
} from "../protocol.ts";
import { partOf, positionsWhere } from "./ended.ts";
import { markOver, takeClaim } from "./claim.ts";
import { Inbox } from "./inbox.ts";
import {
  type FromJob,
  INBOX,
  type JobSpec,
  outboxName,
  PROGRESS_FILE,
  TIMEOUT_FILE,
  type ToJob,
  TOLD_FILE,
} from "./job_spec.ts";
import { letterNumber, writeLetter } from "./letters.ts";
import { ownStreams } from "./own_streams.ts";
import { errorText, folderOf, readSpec } from "./spec_file.ts";
import { type Watchdog, watchdog } from "./watchdog.ts";

/**
 * How long it is waited, after an attempt that may have started programs, for the news that all of the job were told to stop, in
 * milliseconds; and where one attempt follows another. Clusters tell one process after the other, this one perhaps last.
 */
const NEWS = 100, NEWS_OF_MANY = 25;
/** How long tasks have to stop once this process was asked to end, in milliseconds. */
const GRACE = 2_000;

/** What a job needs of the program it lives in. */
export interface AgentPlace {
  /** The version of this program. */
  readonly version: string;
  readonly openStorage: OpenStorage;
  /** Runs once, before anything is loaded. */
  readonly prepare: (open: OpenMessage) => Promise<void> | void;
  /** Runs once, before anything is loaded, if there is more than one attempt. */
  readonly severalAtOnce: () => Promise<void>;
  /** Ends this process now. */
  readonly exit: (code: number) => void;
}

/**
 * Runs a job to its end.
 *
 * @returns the exit code: 0 when all attempts succeeded, 1 when one failed, 75 when somebody else has the job (0 when that is
 * another process of the same step), 143 when it was asked to end.
 * @throws {EnvironmentError} when the specification cannot be read, or is of another version, or what became of it cannot be told.
 */
export async function runJob(file: string, place: AgentPlace): Promise<number> {
  const spec = await readSpec(file, place.version);
  const folder = folderOf(file);
  const refused = await takeClaim(folder);
  if (refused !== undefined) {
    const hint = refused.sibling ? "" : "; exec --again runs it once more, for you to see";
    complain(`runner: ${refused.why}${hint}\n`);
    // Launchers of several processes end all of them when one fails.
    return refused.sibling ? 0 : 75;
  }
  const code = await new Agent(spec, folder, place).run();
  markOver(folder);
  return code;
}

class Agent {
  private readonly host: Host;
  private readonly inbox: Inbox;
  private letters = 0;
  private begun = 0;
  private left: number;
  private failed = false;
  /** Those that have reached a time limit, and which. */
  private readonly late = new Map<number, TimeoutKind>();
  /** Of several, those of which the run has been told: this time, or before the queue started the job again. */
  private readonly toldItems: Set<number>;
  private readonly dog: Watchdog | undefined;
  /** Files that hold what its only attempt prints. */
  private readonly printed: ReturnType<typeof ownStreams>;
  /** Questions without an answer. */
  private asked: AskMessage["asks"] = [];
  private stopping = false;
  /** It is asked to stop, and not since its time has run out. */
  private cancelled = false;
  private listening = false;
  private finish: (code: number) => void = () => {};
  private fail: (error: Error) => void = () => {};
  /** Added to the numbers of questions: answers to those of an earlier start, if there was one, may still come. */
  private readonly firstAsk = Date.now() * 1_000;

  constructor(
    private readonly spec: JobSpec,
    private readonly folder: string,
    private readonly place: AgentPlace,
  ) {
    this.toldItems = new Set(spec.batch.tasks.length > 1 ? readTold(folder) : []);
    this.left = spec.batch.tasks.length - this.toldItems.size;
    this.printed = spec.batch.tasks.length > 1 ? undefined : ownStreams(folder);
    // A queue may have started this job before: later letters have greater numbers.
    this.letters = Date.now();
    this.inbox = new Inbox(`${folder}/${INBOX}`, spec.alive, {
      letter: (letter) => this.receive(letter),
      orphaned: () => this.stop(false),
    });
    this.dog = watchesAttempts(spec.timeout) ? this.watchdog() : undefined;
    this.host = new Host({
      openStorage: place.openStorage,
      exit: place.exit,
      prepare: place.prepare,
      send: (message) => this.told(message),
      elsewhere: true,
      skips: (item) => this.toldItems.has(item),
      // A process that has begun to use timers has waited 5 ms for them: most short attempts need none.
      beginning: () => this.inbox.readNew(),
      waiting: () => this.listen(),
      turn: () => this.settled(),
    });
  }

  /** Runs to the end. */
  async run(): Promise<number> {
    const ended = new Promise<number>((resolve, reject) => [this.finish, this.fail] = [resolve, reject]);
    program.onSignal("SIGTERM", () => this.stop(true));
    const { spec } = this;
    if (this.left === 0) return 0;
    const several = spec.batch.tasks.length > 1;
    if (several) {
      await this.place.severalAtOnce();
      this.listen();
    }
    const { printed } = this;
    this.host.receive(printed === undefined ? spec.open : { ...spec.open, printed });
    this.host.receive({ ...spec.batch, announce: this.dog !== undefined || several });
    return await ended.finally(() => this.inbox.close());
  }

  /** Sees to it that attempts keep to their times. */
  private watchdog(): Watchdog {
    const { spec: { batch, timeout, timeLeft }, folder } = this;
    return watchdog({
      limits: { attempt: timeout.attempt, idle: timeout.idle, task: timeLeft },
      outputs: batch.keys.map((key, item) => `${folder}/${outputName(key, batch.attempts[item]!)}`),
      file: `${folder}/${TIMEOUT_FILE}`,
      ask: (item, kind) => this.outOfTime(item, kind),
    });
  }

  /** What was told while an attempt ran has come to light when this resolves: before that, its result is not stored. */
  private async settled(): Promise<void> {
    if (!hasSeenEnd()) return await turn();
    const millis = this.spec.batch.tasks.length > 1 ? NEWS_OF_MANY : NEWS;
    await new Promise((done) => setTimeout(done, millis));
  }

  /** Begins to look for letters, once. */
  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    this.inbox.open();
  }

  private send(message: FromJob): void {
    const { outbox, number } = this.spec;
    const file = outboxName(number, letterNumber(this.letters++));
    try {
      writeLetter(`${outbox}/${file}`, message);
    } catch (error) {
      // Whoever waits for a letter is better told of an exit code than of nothing.
      const why = `from host ${program.hostname()}: ${(error as Error).message}`;
      this.fail(new EnvironmentError(`The run cannot be told what became of the job, ${why}`));
    }
  }

  /** Something its host says. */
  private told(message: FromHost): void {
    switch (message.kind) {
      case "ready":
        return;
      case "begun":
        while (this.toldItems.has(this.begun)) this.begun++;
        return this.begin(this.begun++);
      case "ended":
        return this.ended(message);
      case "ask": {
        const asks = message.asks.map((ask) => ({ ...ask, id: ask.id + this.firstAsk }));
        this.asked = [...this.asked, ...asks];
        this.dog?.asks(this.asked.length);
        this.listen();
        this.inbox.hurry();
        return this.send({ kind: "ask", asks });
      }
      case "broken":
        this.send(message);
        return this.finish(3);
      case "exiting":
        // The end of this program is no exit of its task.
        if (!this.stopping && this.left > 0) this.send(message);
        return;
      default:
        return this.send(message);
    }
  }

  /** An attempt begins. */
  private begin(item: number): void {
    if (this.spec.batch.tasks.length > 1) {
      fs.writeFileSync(`${this.folder}/${PROGRESS_FILE}`, String(item));
    }
    this.dog?.begin(item);
  }

  private ended(message: EndedMessage): void {
    this.left -= message.items.length;
    if (this.left === 0) this.dog?.rest();
    const special = new Map(message.special);
    if (this.stopping) {
      // Why it was to end is known to whoever ended it: only what was done in spite of that is told.
      const done = positionsWhere(
        message,
        (_, position) =>
          special.get(position)?.failed === undefined && special.get(position)?.cancelled === undefined,
      );
      message = partOf(message, done, message.batch, (item) => item);
    }
    message = this.withTimeouts(message);
    const failed = message.special.flatMap(([, { failed }]) => failed ?? []);
    this.failed ||= failed.length > 0;
    // For whoever looks at what a queue has kept; elsewhere it would stand among what the attempt has printed.
    if (this.printed === undefined) {
      for (const { error } of failed) complain(`runner: ${errorText(error)}\n`);
    }
    if (message.items.length > 0) this.send(message);
    if (this.spec.batch.tasks.length > 1 && message.items.length > 0) this.noteTold(message.items);
    if (this.left === 0) this.finish(this.stopping ? 143 : this.failed ? 1 : 0);
  }

  private noteTold(items: readonly number[]): void {
    for (const item of items) this.toldItems.add(item);
    fs.writeFileSync(`${this.folder}/${TOLD_FILE}`, JSON.stringify([...this.toldItems]));
  }

  /** What was asked to stop since its time had run out has not failed by itself. */
  private withTimeouts(message: EndedMessage): EndedMessage {
    if (!message.items.some((item) => this.late.has(item))) return message;
    const special = new Map(message.special);
    message.items.forEach((item, position) => {
      const kind = this.late.get(item);
      if (kind === undefined) return;
      const { output } = special.get(position) ?? {};
      const failed = timeoutItem(kind, this.spec.timeout, lastLine(output ?? {}));
      special.set(position, { failed, ...(output !== undefined && { output }) });
    });
    return { ...message, special: [...special] };
  }

  private outOfTime(item: number, kind: TimeoutKind): void {
    // It is asked to stop already, because the run is.
    if (this.cancelled) return;
    this.late.set(item, kind);
    this.host.receive({ kind: "cancel", batch: this.spec.batch.id, reason: "timeout" });
  }

  /** A letter of the run. */
  private receive(letter: ToJob): void {
    if (letter.kind === "adopted") {
      if (this.asked.length > 0) this.send({ kind: "ask", asks: this.asked });
      return;
    }
    if (letter.kind === "reply") {
      const answered = new Set(letter.replies.map(({ id }) => id));
      this.asked = this.asked.filter(({ id }) => !answered.has(id));
      this.dog?.asks(this.asked.length);
      if (this.asked.length === 0) this.inbox.relax();
      const replies = letter.replies.map((reply) => ({ ...reply, id: reply.id - this.firstAsk }));
      return this.host.receive({ kind: "reply", replies });
    }
    this.cancelled ||= letter.kind === "cancel" && letter.reason === "cancelled";
    this.host.receive(letter);
  }

  /** Whoever runs this process wants it to end, which all of its group may have been told; or nobody waits for it any more. */
  private stop(signalled: boolean): void {
    const before = this.stopping;
    this.stopping = this.cancelled = true;
    this.host.receive({ kind: "cancel", batch: "all", reason: "cancelled", signalled });
    if (!before) setTimeout(() => this.finish(143), GRACE);
  }
}

/** The items of a job of which the run was told when its queue had started it before. */
function readTold(folder: string): readonly number[] {
  try {
    return JSON.parse(fs.readFileSync(`${folder}/${TOLD_FILE}`, "utf8")) as readonly number[];
  } catch {
    return [];
  }
}

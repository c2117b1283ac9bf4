/**
 * One attempt in a process of its own that may do only what its task declares. All that touches the cache is done on this side:
 * the process is given its input and upstream values, and gives back a value or an error, which is checked and stored here.
 */
import type { Reply } from "../../model/ask.ts";
import { encode } from "../../model/codec/encode.ts";
import type { Definition } from "../../model/definition.ts";
import { registered } from "../../model/registry.ts";
import type { ResultStorage } from "../../model/storage.ts";
import type { BatchSandbox } from "../executor.ts";
import { changedItem, crashItem } from "../failed_items.ts";
import { changedFiles } from "../host/sources.ts";
import { withHeap } from "../../runtime/runtime.ts";
import type { LostReason, Member } from "../member.ts";
import { childProcess } from "../members/child_process.ts";
import type { BatchMessage, CancelMessage, FromHost, OpenMessage, TaskInfo, ToHost } from "../protocol.ts";
import { waits } from "../seat.ts";
import { type Claim, type ClaimedEnd, NoClaim, readClaim } from "./claims.ts";
import { type HeardAsk, tracedCalls } from "./findings.ts";
import { HeldAttempt } from "./held_attempt.ts";
import { prepare, type Prepared, sandboxFolder, unheld } from "./preparation.ts";
import { type Program, programEnv, writeProgram } from "./program.ts";
import { brokenWord, failure, settleClaim } from "./settling.ts";

/** The most bytes of a message, and so of a result. */
const MOST_BYTES = 2 ** 30;

/** What an attempt needs of the member it belongs to. */
export interface SittingPlace {
  readonly open: OpenMessage;
  readonly storage: ResultStorage;
  /** How processes are started, or why they cannot be. */
  readonly program: Promise<Program | string>;
  readonly sandbox: BatchSandbox;
  /** What its files are called; no other attempt has the same. */
  readonly name: string;
  readonly tell: (message: FromHost) => void;
  /** It has begun to wait for calls it has made. */
  readonly waiting: () => void;
  /** It is over, and its process is no more; what came of it is to be told. */
  readonly over: (message: FromHost) => void;
  /** Its process was lost. */
  readonly gone: (why: string, reason?: LostReason) => void;
}

/** One attempt. */
export class Sitting {
  private readonly attempt: HeldAttempt;
  private readonly task: Definition | undefined;
  private readonly heard: HeardAsk[] = [];
  private child: Member | undefined;
  private prepared: Prepared | undefined;
  /** What is to be sent when the process is there. */
  private readonly outbox: ToHost[] = [];
  private announced = false;
  private ended = false;
  /** Questions whose answers it needs to go on. */
  private readonly waits = new Set<number>();
  /** The files behind the standard streams of its process. */
  readonly output: { readonly stdout: string; readonly stderr: string };

  constructor(
    readonly batch: BatchMessage,
    readonly item: number,
    private readonly info: TaskInfo,
    private readonly place: SittingPlace,
  ) {
    const { open, storage, name } = place;
    const base = `${open.logs}/${name}`;
    this.output = { stdout: `${base}.stdout.txt`, stderr: `${base}.stderr.txt` };
    this.task = registered(info.name, info.frames[0]);
    // Where nobody knows the task, nothing but a failure is ever made of this.
    const task = this.task ?? ({} as Definition);
    this.attempt = new HeldAttempt(batch, item, info, task, storage, open, this.output);
  }

  /** Whether it waits for calls that it has made. */
  get isWaiting(): boolean {
    return this.waits.size > 0;
  }

  /** Starts it. */
  async begin(): Promise<void> {
    const { info, place, task } = this;
    if (task === undefined) {
      return this.end(failure("Error", `the task ${info.name} is not known to the main program`));
    }
    try {
      const program = await place.program;
      if (typeof program === "string") return await this.end(unheld(info.name, program));
      const prepared = await prepare(this.attempt, task, place.sandbox, place.storage, place.open);
      if (this.ended) return this.attempt.dropDirectory();
      if (prepared.kind === "prepared") this.start(program, prepared);
      else await this.end(prepared);
    } catch (error) {
      await this.end(unheld(info.name, (error as Error).message));
    }
  }

  /** Sends it an answer. */
  reply(reply: Reply): void {
    const heard = this.heard.find((one) => one.id === reply.id);
    if (heard !== undefined) heard.reply = reply;
    this.waits.delete(reply.id);
    this.send({ kind: "reply", replies: [this.inlined(reply)] });
  }

  /** Asks it to stop. */
  cancel(message: CancelMessage): void {
    this.attempt.abort(message.reason);
    this.send(message);
  }

  /** Ends it, whatever it is doing; resolves when its process is gone. */
  async kill(): Promise<void> {
    const had = this.ended;
    this.ended = true;
    await this.child?.kill();
    if (!had) this.attempt.dropDirectory();
  }

  private send(message: ToHost): void {
    if (this.child === undefined) this.outbox.push(message);
    else this.child.send(message);
  }

  /** Starts the process. */
  private start(program: Program, prepared: Prepared): void {
    const { open, name, storage } = this.place;
    this.prepared = prepared;
    const args = writeProgram(program, sandboxFolder(open), this.info);
    const [command, ...rest] = withHeap(program.command, this.place.sandbox.heap);
    this.child = childProcess(
      [command, ...rest, ...prepared.flags, ...args],
      open.logs,
      { message: (message) => this.receive(message), gone: (why, reason) => this.lost(why, reason) },
      name,
      { args: [], env: programEnv(prepared.rule), guarded: true, most: MOST_BYTES },
    );
    const earlier = storage.earlierUpstreams(this.info.name, this.attempt.ctx.key);
    this.child.send({
      ...open,
      // Where runner keeps what it has is nothing that it need know.
      logs: "",
      spill: "",
      cache: undefined,
      readable: undefined,
      inlineBytes: Infinity,
      digests: false,
      control: undefined,
      modules: [],
      held: { directory: this.attempt.place, earlier: earlier && [...earlier] },
    });
    this.child.send(prepared.batch);
    for (const message of this.outbox.splice(0)) this.child.send(message);
  }

  /** Hears what its process says. */
  private receive(message: unknown): void {
    if (this.ended) return;
    let claim: Claim;
    try {
      claim = readClaim(message, this.batch.id);
    } catch (error) {
      if (!(error instanceof NoClaim)) throw error;
      return void this.end(brokenWord(error.message));
    }
    this.hear(claim);
  }

  private hear(claim: Claim): void {
    const { place, item } = this;
    switch (claim.kind) {
      case "nothing":
        return;
      case "begun":
        return this.begun();
      case "ask":
        for (const ask of claim.asks) {
          const calls = tracedCalls(ask.asked);
          if (calls !== undefined) this.heard.push({ id: ask.id, calls, reply: undefined });
          if (waits(ask)) this.waits.add(ask.id);
        }
        place.tell({ kind: "ask", asks: claim.asks.map((ask) => ({ ...ask, item })) });
        if (this.isWaiting) place.waiting();
        return;
      case "exiting":
        return void this.exit(claim.code, claim.error);
      case "warning":
        return place.tell({ kind: "warning", message: claim.message });
      case "broken":
        return void this.end({ kind: "failed", failed: crashItem(claim.message) });
      case "ended":
        return void this.end(claim.result, claim);
    }
  }

  /** It has loaded its modules, and begins. */
  private begun(): void {
    const { place, batch, info } = this;
    if (this.announced) return;
    this.announced = true;
    const changed = changedFiles(info.sources?.loaded.flatMap(([, files]) => files) ?? []);
    if (changed.length > 0) return void this.end({ kind: "failed", failed: changedItem(changed) });
    if (batch.announce) place.tell({ kind: "begun", batch: batch.id });
  }

  /** It is over: its process is ended first, so that nothing changes any more; then its result is stored and told. */
  private async end(result: ClaimedEnd["result"], claim?: ClaimedEnd): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    const { attempt, place, prepared } = this;
    await this.child?.kill();
    const { rule = {}, denied = { read: [], write: [] } } = prepared ?? {};
    const hearing = { rule, denied, heard: this.heard };
    const message = settleClaim(attempt, result, claim, hearing, place.open, place.tell);
    place.over(message);
  }

  /** The task asked its process to end. */
  private async exit(code: number, error: Uint8Array): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    await this.child?.kill();
    const output = this.attempt.closeOutput() ?? {};
    this.dropDirectory();
    this.place.over({ kind: "exiting", batch: this.batch.id, item: this.item, code, error, output });
  }

  /** What is left of a failed attempt goes, but for its folder where the run keeps those. */
  private dropDirectory(): void {
    if (this.place.open.keepFailed) this.attempt.takeDirectory();
    this.attempt.dropDirectory();
  }

  /** Its process is gone. */
  private lost(why: string, reason?: LostReason): void {
    if (this.ended) return;
    this.ended = true;
    this.dropDirectory();
    this.place.gone(why, reason);
  }

  /** An answer that holds all its values, since the process can read no file of them. */
  private inlined(reply: Reply): Reply {
    const { storage } = this.place;
    const values = [];
    for (const value of reply.values ?? []) {
      const bytes = value.bytes ?? storage.read(value.file!, value.digest);
      if (bytes === undefined) {
        const { id, batch } = reply;
        return { id, batch, item: 0, error: encode(new Error(`the result in ${value.file} is gone`)) };
      }
      const { file: _, ...rest } = value;
      values.push({ ...rest, bytes });
    }
    return { ...reply, item: 0, ...(reply.values !== undefined && { values }) };
  }
}

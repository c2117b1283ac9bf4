/**
 * A pool of members of one kind. Lanes are spread over the members; a member that ends fails the attempt it was running and
 * nothing else: whatever it had not begun, or had finished without telling, goes back to the scheduler.
 */
import type { FailureReason } from "../model/retry.ts";
import { unreachable } from "../model/unreachable.ts";
import { Control } from "./control.ts";
import { crashItem, exitItem, timeoutItem } from "./failed_items.ts";
import { type Batch, type Executor, type ExecutorListener, hostPart, type TaskInfoOf } from "./executor.ts";
import type { Clock, MakeMember } from "./member.ts";
import { lastLine } from "./last_line.ts";
import {
  freeSlot,
  guiltyItem,
  newRunning,
  newTo,
  outputOfNode,
  printed,
  type Running,
  type Seat,
  startClocks,
  waits,
} from "./seat.ts";
import type { FromHost, OpenMessage } from "./protocol.ts";
import type { TimeoutKind } from "../model/timeout.ts";
import type { Ask, Reply } from "../model/ask.ts";

/** How long a task that was asked to stop has before its thread is ended, in milliseconds. */
const GRACE = 1_000;

/** How a pool is set up. */
export interface PoolOptions {
  /** How many members there may be. */
  readonly size: number;
  readonly make: MakeMember;
  readonly clock: Clock;
  readonly listener: ExecutorListener;
  readonly infoOf: TaskInfoOf;
  /** What each host is told first. */
  readonly open: Omit<OpenMessage, "kind" | "host" | "control" | "lock">;
}
let hosts = 0;

/** The executor over members of one kind. */
export class Pool implements Executor {
  abandoned = 0;
  /** By number of seat: the member that gets new batches. */
  private readonly seats: (Seat | undefined)[];
  /** All members, those too whose only task waits while another has taken their seat. */
  private readonly staff = new Set<Seat>();
  private readonly dying = new Set<Promise<void>>();
  private readonly graces = new Set<() => void>();
  private closed = false;
  private cacheFailed = false;
  private cancelling = false;

  constructor(private readonly options: PoolOptions) {
    this.seats = Array.from({ length: options.size });
  }

  /** Starts members before there is work for them. */
  warm(count: number): void {
    for (let index = 0; index < Math.min(count, this.seats.length); index++) {
      this.seats[index] ??= this.hire();
    }
  }

  start(batch: Batch): void {
    const index = batch.lane % this.seats.length;
    const lane = Math.floor(batch.lane / this.seats.length);
    const seat = this.seatFor(index, batch.heap);
    const slot = freeSlot(seat, lane);
    const newTasks = newTo(seat, batch.tasks).map(this.options.infoOf);
    seat.running.set(batch.id, newRunning(batch, slot, lane));
    if (seat.member.shared) seat.control.open(lane, slot, batch.nodes.length);
    seat.member.send({ ...hostPart(batch), kind: "batch", lane, slot, newTasks });
  }

  recall(lane: number, count: number): readonly number[] {
    const seat = this.seats[lane % this.seats.length];
    const local = Math.floor(lane / this.seats.length);
    const nodes: number[] = [];
    if (seat === undefined || !seat.member.shared) return nodes;
    // A batch stays with its member until that says so, even when all of it was taken back: its slot is still being read.
    // The newest batch first: its items are the furthest from their turn.
    for (const running of [...seat.running.values()].reverse()) {
      if (running.lane !== local || running.drained || nodes.length >= count) continue;
      nodes.push(...this.takeBack(seat, running, count - nodes.length));
    }
    return nodes;
  }

  outputOf(node: number): readonly string[] {
    return outputOfNode(this.options.open.logs, this.staff, node);
  }

  reply(id: number, replies: readonly Reply[], resumes: boolean): void {
    for (const seat of this.staff) {
      const running = seat.running.get(id);
      if (running === undefined) continue;
      for (const { id } of replies) running.asked.delete(id);
      if (resumes) { for (const { item } of replies) running.waiting.delete(item); }
      return seat.member.send({ kind: "reply", replies });
    }
  }

  cancel(hard: boolean): void {
    this.cancelling = true;
    for (const seat of [...this.staff]) {
      const signalled = seat.member.shared;
      if (!hard) seat.member.send({ kind: "cancel", batch: "all", reason: "cancelled", signalled });
      else if ([...seat.running.values()].some((running) => running.left > 0)) {
        this.dismiss(seat, "crash", "the run was cancelled");
      }
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const calledOff of this.graces) calledOff();
    for (const seat of [...this.staff]) this.dismiss(seat, "crash", "the run is over");
    await Promise.all(this.dying);
  }

  /** Takes items of a batch back, as nodes. */
  private takeBack(seat: Seat, running: Running, count: number): number[] {
    const { first, count: taken } = seat.control.takeBack(running.lane, running.slot, count);
    const nodes = [];
    for (let item = first; item < first + taken; item++) {
      running.told[item] = 1;
      nodes.push(running.batch.nodes[item]!);
    }
    running.left -= taken;
    this.callOffIfDone(running);
    return nodes;
  }

  /** The member of a seat; one whose heap is bounded otherwise ends with what it is doing. */
  private seatFor(index: number, heap: number | undefined): Seat {
    const seat = this.seats[index];
    if (seat !== undefined && (seat.member.shared || seat.heap === heap)) return seat;
    if (seat?.running.size === 0) this.dismiss(seat, "crash", "it is not needed any more");
    return this.seats[index] = this.hire(heap);
  }

  /** A new member. */
  private hire(heap?: number): Seat {
    const control = new Control();
    const number = hosts++;
    const lock = `runner-${this.options.open.run}-${number}`;
    // Declared before the listener that uses it; messages come later.
    // deno-lint-ignore prefer-const
    let seat: Seat;
    const member = this.options.make(
      {
        message: (message) => this.receive(seat, message),
        gone: (why, reason = "crash") => {
          if (seat.gone) return;
          // Nothing of the pipeline was loaded yet, so another member would fare no better.
          if (!seat.ready && !this.closed) this.options.listener.broken(why);
          this.bury(seat, reason, why);
        },
      },
      lock,
      heap,
    );
    seat = { number, member, control, known: new Set(), running: new Map(), heap, ready: false, gone: false };
    this.staff.add(seat);
    member.send({
      ...this.options.open,
      kind: "open",
      host: number,
      control: member.shared ? control.buffer : undefined,
      lock,
    });
    return seat;
  }

  private receive(seat: Seat, message: FromHost): void {
    const { listener } = this.options;
    switch (message.kind) {
      case "ready":
        seat.ready = true;
        return;
      case "ended": {
        const running = seat.running.get(message.batch);
        if (running === undefined || seat.gone) return;
        for (const item of message.items) {
          running.told[item] = 1;
          running.left--;
        }
        if (message.last) running.drained = true;
        if (running.drained && running.left === 0) this.leaveSeat(seat, running);
        this.callOffIfDone(running);
        if (message.items.length === 0) return;
        if (running.timedOut) return this.tellTimeout(seat, running, message.special[0]?.[1].output);
        return listener.ended(running.batch, message);
      }
      case "begun": {
        const running = seat.running.get(message.batch);
        if (running === undefined) return;
        const { clock, open: { logs } } = this.options;
        return startClocks(clock, logs, seat, running, (kind) => this.expire(seat, running, kind));
      }
      case "exiting": {
        const running = seat.running.get(message.batch);
        if (running === undefined || seat.gone) return;
        running.told[message.item] = 1;
        running.left--;
        listener.failed(running.batch, message.item, exitItem(message.error, message.code), message.output);
        return this.bury(seat, "exit", `the task exited with code ${message.code}`);
      }
      case "ask":
        for (const ask of message.asks) this.ask(seat, ask);
        return;
      case "warning":
        // Every result meets the same full disk: once is enough.
        if (message.cacheFailed && this.cacheFailed) return;
        this.cacheFailed ||= message.cacheFailed ?? false;
        return listener.warned(message.message, message.cacheFailed ?? false);
      case "broken":
        return listener.broken(message.message);
      default:
        return unreachable(message);
    }
  }

  /** An attempt asks; one that waits for calls needs no processor, so a process of its own gives its seat away. */
  private ask(seat: Seat, ask: Ask): void {
    const running = seat.running.get(ask.batch);
    if (running === undefined || seat.gone) return;
    running.asked.add(ask.id);
    if (waits(ask)) {
      running.waiting.add(ask.item);
      const index = this.seats.indexOf(seat);
      if (!seat.member.shared && index >= 0) this.seats[index] = undefined;
    }
    this.options.listener.asked(running.batch, ask);
  }

  /** A batch has ended; a process whose seat another has taken meanwhile is not needed any more. */
  private leaveSeat(seat: Seat, running: Running): void {
    seat.running.delete(running.batch.id);
    if (seat.member.shared || this.seats.includes(seat)) return;
    const index = running.batch.lane % this.seats.length;
    if (this.seats[index] === undefined) this.seats[index] = seat;
    // Not at once: its last message is still being told.
    else queueMicrotask(() => this.dismiss(seat, "crash", "it is not needed any more"));
  }

  /** A timeout has run out: ask, and end the member when that does not help. In a run that is cancelled all are asked already. */
  private expire(seat: Seat, running: Running, kind: TimeoutKind): void {
    if (running.left === 0 || seat.gone || running.timedOut !== undefined) return;
    if (!this.cancelling) running.timedOut = kind;
    if (running.timedOut) seat.member.send({ kind: "cancel", batch: running.batch.id, reason: "timeout" });
    const calledOff = this.options.clock.after(GRACE, () => {
      this.graces.delete(calledOff);
      if (running.left > 0 && !seat.gone) this.dismiss(seat, "timeout", "");
    });
    this.graces.add(calledOff);
    running.calledOff.push(calledOff);
  }

  private tellTimeout(
    seat: Seat,
    { batch, timedOut }: Running,
    output: { readonly stdout?: string; readonly stderr?: string } = printed(
      this.options.open.logs,
      seat,
      batch,
      0,
    ),
  ): void {
    const failed = timeoutItem(timedOut!, batch.timeout, lastLine(output));
    this.options.listener.failed(batch, 0, failed, output);
  }

  /** Ends a member. */
  private dismiss(seat: Seat, reason: FailureReason, why: string): void {
    if (!seat.gone) this.bury(seat, reason, why);
  }

  /** A member is gone, or as good as gone: settle what it was doing. */
  private bury(seat: Seat, reason: FailureReason, why: string): void {
    seat.gone = true;
    this.staff.delete(seat);
    const index = this.seats.indexOf(seat);
    if (index >= 0) this.seats[index] = undefined;
    const dying = seat.member.kill().then((gone) => {
      if (!gone) this.abandoned++;
    });
    this.dying.add(dying);
    void dying.finally(() => this.dying.delete(dying));
    const returned: number[] = [];
    for (const running of [...seat.running.values()]) {
      for (const calledOff of running.calledOff) calledOff();
      if (running.left === 0 || this.closed) continue;
      if (seat.member.shared && !running.drained) {
        returned.push(...this.takeBack(seat, running, running.left));
      }
      const guilty = guiltyItem(seat, running);
      for (let item = 0; item < running.told.length; item++) {
        if (running.told[item] === 1) continue;
        running.told[item] = 1;
        if (running.timedOut) this.tellTimeout(seat, running);
        else if (this.cancelling) this.options.listener.cancelled(running.batch, item);
        else if (item === guilty && (reason === "crash" || reason === "oom")) {
          const output = printed(this.options.open.logs, seat, running.batch, item);
          this.options.listener.failed(running.batch, item, crashItem(why, reason), output);
        } else returned.push(running.batch.nodes[item]!);
      }
    }
    seat.running.clear();
    if (returned.length > 0) this.options.listener.returned(returned);
  }

  private callOffIfDone(running: Running): void {
    if (running.left === 0) { for (const calledOff of running.calledOff) calledOff(); }
  }
}

/** A member of a pool with the batches it has. */
import fs from "node:fs";
import type { Ask } from "../model/ask.ts";
import { type Control, SLOTS } from "./control.ts";
import type { Batch } from "./executor.ts";
import type { Clock, Member } from "./member.ts";
import type { TimeoutKind } from "../model/timeout.ts";
import { outputName } from "./protocol.ts";
import { watchSilence } from "./silence.ts";

/** A batch that is with a member, until all its items have ended. */
export interface Running {
  readonly batch: Batch;
  readonly slot: number;
  readonly lane: number;
  /** By item: whether its end was told. */
  readonly told: Uint8Array;
  left: number;
  calledOff: (() => void)[];
  /** Which time limit it has reached. */
  timedOut: TimeoutKind | undefined;
  /** All items have begun: its slot may serve another batch. */
  drained: boolean;
  /** Items that wait for calls they have made. */
  readonly waiting: Set<number>;
  /** Questions of its attempts without an answer. */
  readonly asked: Set<number>;
}

/** A batch that is about to be sent to a member. */
export function newRunning(batch: Batch, slot: number, lane: number): Running {
  const count = batch.nodes.length;
  return {
    batch,
    slot,
    lane,
    told: new Uint8Array(count),
    left: count,
    calledOff: [],
    timedOut: undefined,
    drained: false,
    waiting: new Set(),
    asked: new Set(),
  };
}

/** A member with what it is doing. */
export interface Seat {
  readonly number: number;
  readonly member: Member;
  readonly control: Control;
  readonly known: Set<number>;
  readonly running: Map<number, Running>;
  /** What its heap may hold, in megabytes, if somebody has said so. */
  readonly heap: number | undefined;
  /** It has said that it can take batches. */
  ready: boolean;
  gone: boolean;
}

/** The tasks that a member has not been told of; from now on it has. */
export function newTo({ known }: Seat, tasks: readonly number[]): readonly number[] {
  const some = [...new Set(tasks)].filter((task) => !known.has(task));
  for (const task of some) known.add(task);
  return some;
}

/** A slot of a lane that no batch is using. */
export function freeSlot(seat: Seat, lane: number): number {
  const used = new Set<number>();
  for (const running of seat.running.values()) {
    if (running.lane === lane && !running.drained) used.add(running.slot);
  }
  for (let slot = 0; slot < SLOTS; slot++) if (!used.has(slot)) return slot;
  throw new Error("Internal error: a lane has more batches than slots");
}

/** Whether an attempt that asks this gives its place away until it has the answer. */
export function waits({ asked }: Ask): boolean {
  return asked.kind === "calls" ? asked.wait : asked.kind === "names" && asked.want === "values";
}

/** Where what an attempt prints goes. */
function outputFiles(
  logs: string,
  seat: Seat,
  batch: Batch,
  item: number,
): { readonly stdout: string; readonly stderr: string } {
  const base = `${logs}/${outputName(batch.keys[item]!, batch.attempts[item]!)}`;
  return seat.member.output ?? { stdout: `${base}.stdout.txt`, stderr: `${base}.stderr.txt` };
}

/** What an attempt printed whose host cannot tell any more. */
export function printed(
  logs: string,
  seat: Seat,
  batch: Batch,
  item: number,
): { stdout?: string; stderr?: string } {
  const files = outputFiles(logs, seat, batch, item);
  return {
    ...(sizeOf(files.stdout) > 0 && { stdout: files.stdout }),
    ...(sizeOf(files.stderr) > 0 && { stderr: files.stderr }),
  };
}

/** The files that the attempt of a node prints to, if one of these members has it. */
export function outputOfNode(logs: string, seats: Iterable<Seat>, node: number): readonly string[] {
  for (const seat of seats) {
    for (const { batch } of seat.running.values()) {
      const item = batch.nodes.indexOf(node);
      if (item >= 0) return Object.values(outputFiles(logs, seat, batch, item));
    }
  }
  return [];
}

/** How much an attempt has printed so far, in bytes. */
function printedBytes(logs: string, seat: Seat, batch: Batch, item: number): number {
  const { stdout, stderr } = outputFiles(logs, seat, batch, item);
  return sizeOf(stdout) + sizeOf(stderr);
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The item that a member was running when it was lost; -1 when all that had begun only waited. */
export function guiltyItem(seat: Seat, running: Running): number {
  // Where all items have begun, those are innocent that only wait.
  const current = seat.member.shared && !running.drained
    ? seat.control.current(running.lane, running.slot)
    : running.told.findIndex((told, item) => told === 0 && !running.waiting.has(item));
  return current >= 0 && running.waiting.has(current) ? -1 : current;
}

/** Sets the clocks of an attempt that begins. Each may tell once; what they wait for is called off with the attempt. */
export function startClocks(
  clock: Clock,
  logs: string,
  seat: Seat,
  running: Running,
  expire: (kind: TimeoutKind) => void,
): void {
  const { batch, calledOff, asked } = running;
  const { timeout: { attempt, idle }, timeLeft } = batch;
  if (attempt > 0) calledOff.push(clock.after(attempt, () => expire("attempt")));
  if (timeLeft > 0) calledOff.push(clock.after(timeLeft, () => expire("task")));
  if (idle === 0) return;
  calledOff.push(watchSilence(
    clock,
    idle,
    () => printedBytes(logs, seat, batch, 0),
    () => asked.size > 0,
    () => expire("idle"),
  ));
}

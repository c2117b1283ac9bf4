/** A member of a pool with the batches it has. */
import fs from "node:fs";
import type { Ask } from "../model/ask.ts";
import { type Control, SLOTS } from "./control.ts";
import type { Batch } from "./executor.ts";
import type { Member } from "./member.ts";
import { outputName } from "./protocol.ts";

/** A batch that is with a member, until all its items have ended. */
export interface Running {
  readonly batch: Batch;
  readonly slot: number;
  readonly lane: number;
  /** By item: whether its end was told. */
  readonly told: Uint8Array;
  left: number;
  calledOff: (() => void)[];
  timedOut: boolean;
  /** All items have begun: its slot may serve another batch. */
  drained: boolean;
  /** Items that wait for calls they have made. */
  readonly waiting: Set<number>;
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

/** What an attempt printed whose host cannot tell any more. */
export function printed(
  logs: string,
  seat: Seat,
  batch: Batch,
  item: number,
): { stdout?: string; stderr?: string } {
  const base = `${logs}/${outputName(batch.keys[item]!, batch.attempts[item]!)}`;
  const files = seat.member.output ?? { stdout: `${base}.stdout.txt`, stderr: `${base}.stderr.txt` };
  const exists = (file: string): boolean => fs.existsSync(file) && fs.statSync(file).size > 0;
  return {
    ...(exists(files.stdout) && { stdout: files.stdout }),
    ...(exists(files.stderr) && { stderr: files.stderr }),
  };
}

/** The item that a member was running when it was lost; -1 when all that had begun only waited. */
export function guiltyItem(seat: Seat, running: Running): number {
  // Where all items have begun, those are innocent that only wait.
  const current = seat.member.shared && !running.drained
    ? seat.control.current(running.lane, running.slot)
    : running.told.findIndex((told, item) => told === 0 && !running.waiting.has(item));
  return current >= 0 && running.waiting.has(current) ? -1 : current;
}

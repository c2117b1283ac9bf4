/**
 * Rooms: what only so many may use at once, or only so much of at once: limits of labels, processors, memory. A portion takes its
 * share when it starts and gives it back when nothing of it runs any more: when its attempts are over, and also while they wait
 * for calls, unlike a lock, which is kept, since what it protects is half done. Attempts that are to go on come before new ones.
 *
 * Nobody waits for ever while small ones pass it by. A line that has a lane and its locks, and lacks room, counts the starts in
 * its rooms from then on; when there were too many, the rooms are kept for it, behind the lines that they are kept for already:
 * nothing else starts there until it has. Rooms are kept in one order for all lines, so that no two keep each other waiting.
 */
import type { Need } from "./input.ts";
import { areFree } from "./locks.ts";
import type { Line, Room, ScheduleState, Share } from "./state.ts";
import { NumberQueue } from "./table.ts";

/** So many starts in its rooms pass a line by, before these are kept for it. */
export const PASSES = 32;
/** And so many more for each line that needs the same room: or importance would decide nothing where there are many. */
export const PASSES_EACH = 4;

/** A room by its name; one that nobody has set is without end. */
export function roomOf(state: ScheduleState, name: string): Room {
  let room = state.rooms.get(name);
  if (room === undefined) {
    room = {
      capacity: Infinity,
      used: 0,
      holders: 0,
      closed: false,
      starts: 0,
      lines: 0,
      wanted: 0,
      keptFor: [],
    };
    state.rooms.set(name, room);
  }
  return room;
}

/** Sets how much there is of something; what is taken of it stays taken. */
export function setRoom(state: ScheduleState, name: string, capacity: number): void {
  roomOf(state, name).capacity = capacity;
  state.moves++;
}

/** Nothing starts in a room, or something may again. */
export function closeRoom(state: ScheduleState, name: string, closed: boolean): void {
  roomOf(state, name).closed = closed;
  state.moves++;
}

/** What these needs take; `undefined` when that is nothing. */
export function shareOf(state: ScheduleState, needs: readonly Need[]): Share | undefined {
  const amounts = new Map<string, number>();
  for (const [name, amount] of needs) if (amount > 0) amounts.set(name, (amounts.get(name) ?? 0) + amount);
  if (amounts.size === 0) return undefined;
  const key = JSON.stringify([...amounts].sort(([one], [other]) => one < other ? -1 : 1));
  let share = state.shares.get(key);
  if (share === undefined) {
    const parts = [...amounts].map(([name, amount]) => ({ room: roomOf(state, name), amount }));
    state.shares.set(key, share = { parts, returning: new NumberQueue() });
  }
  return share;
}

/** Whether there is so much left. Whoever needs more than there ever is has the room for itself. */
export function fits({ parts }: Share): boolean {
  return parts.every(({ room, amount }) => {
    const { holders, used, capacity } = room;
    // Fractions need not add up exactly.
    return holders === 0 || used + amount <= capacity * (1 + 1e-9);
  });
}

/** Takes a share. */
export function take(state: ScheduleState, { parts }: Share): void {
  for (const { room, amount } of parts) {
    room.used += amount;
    room.holders++;
  }
  state.moves++;
}

/** Gives a share back. */
export function giveBack(state: ScheduleState, { parts }: Share): void {
  for (const { room, amount } of parts) {
    room.used = --room.holders === 0 ? 0 : room.used - amount;
  }
  state.moves++;
}

/** Whether a share can be taken by something new, that is the next one, or not one for whom rooms are kept (`line`). */
export function isOpen(share: Share, line: Line | undefined): boolean {
  return share.parts.every(({ room: { closed, wanted, keptFor } }) =>
    !closed && wanted === 0 && (keptFor.length === 0 || keptFor[0] === line)
  ) && fits(share);
}

/** Whether the first node of a line can start; if it is room that it lacks, that is remembered. */
export function canStart(state: ScheduleState, line: Line): boolean {
  const { locks, share } = line;
  if (share === undefined) return areFree(state, locks);
  // Those that it keeps waiting may be the ones that it waits for.
  if (!areFree(state, locks) || share.parts.some(({ room }) => room.closed)) {
    keepNoLonger(state, line);
    return false;
  }
  if (isOpen(share, line)) return true;
  const starts = startsIn(share);
  if (line.lackedAt < 0) line.lackedAt = starts;
  else if (!line.kept && starts - line.lackedAt >= mostPasses(share)) {
    line.kept = true;
    for (const { room } of share.parts) room.keptFor.push(line);
    state.moves++;
  }
  return false;
}

/** A line has started something: others have waited for longer now. */
export function started(state: ScheduleState, line: Line): void {
  const { share } = line;
  if (share === undefined) return;
  for (const { room } of share.parts) room.starts++;
  line.lackedAt = -1;
  keepNoLonger(state, line);
}

/** How many starts in its rooms a line lets pass. */
function mostPasses({ parts }: Share): number {
  return PASSES + PASSES_EACH * Math.max(...parts.map(({ room }) => room.lines));
}

/** How many were started in the rooms of a share; one in two of them counts twice. */
function startsIn({ parts }: Share): number {
  return parts.reduce((sum, { room }) => sum + room.starts, 0);
}

/** Rooms are for others again. */
function keepNoLonger(state: ScheduleState, line: Line): void {
  if (!line.kept) return;
  line.kept = false;
  for (const { room } of line.share!.parts) room.keptFor.splice(room.keptFor.indexOf(line), 1);
  state.moves++;
}

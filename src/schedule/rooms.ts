/**
 * Rooms: what only so many nodes may use at once, or only so much of at once: limits of labels, processors, memory. A node takes
 * its share when it starts and gives it back when its attempt is over, and also while the attempt waits for calls: unlike a
 * lock, which is kept, since what it protects is half done.
 *
 * A node with a large share must not wait for ever while small ones pass it by: when so many have, its rooms are reserved for it.
 */
import type { Group } from "./input.ts";
import { areFree } from "./locks.ts";
import type { Parked, Room, ScheduleState } from "./state.ts";

/** So many nodes may start in a room before one that they pass by gets it reserved. */
export const PASSES = 16;

/** Shares are added up; what is left of that by the way numbers are stored is nothing. */
const NOTHING = 1e-9;

/** Makes the rooms that a group needs, without end as long as nobody says how much there is. */
export function makeRooms(state: ScheduleState, needs: Group["needs"]): void {
  for (const [name] of needs) if (!state.rooms.has(name)) setRoom(state, name, Infinity);
}

/** Sets how much there is of something; what is taken of it stays taken. */
export function setRoom(state: ScheduleState, name: string, capacity: number): void {
  const room = state.rooms.get(name);
  if (room === undefined) {
    const fresh = { used: 0, closed: false, returning: false, reservedBy: undefined, parked: [] };
    state.rooms.set(name, { capacity, ...fresh });
    return;
  }
  room.capacity = capacity;
  wakeAll(state, room);
}

/** Nothing starts in a room any more, until it is opened. */
export function closeRoom(state: ScheduleState, name: string): void {
  const room = state.rooms.get(name);
  if (room !== undefined) room.closed = true;
}

/** A room may be used again. */
export function openRoom(state: ScheduleState, name: string): void {
  const room = state.rooms.get(name);
  if (room === undefined || !room.closed) return;
  room.closed = false;
  wakeAll(state, room);
}

/** Whether nodes wait for somebody outside to let them into a room. */
export function awaitsOthers(state: ScheduleState): boolean {
  for (const { closed, parked } of state.rooms.values()) {
    if (closed && parked.some(({ queue }) => queue.length > 0)) return true;
  }
  return false;
}

/**
 * Whether there is room for these needs. What asks for more than there ever is runs alone.
 *
 * @param own what waits with the same needs: a reservation is for it, not against it.
 * @param resumes it has begun already: reservations do not hold it up.
 */
export function fits(
  state: ScheduleState,
  needs: Group["needs"],
  own: Parked | undefined,
  resumes = false,
): boolean {
  if (state.rooms.size === 0) return true;
  for (const [name, amount] of needs) {
    const room = state.rooms.get(name);
    if (room === undefined) continue;
    if (room.used > NOTHING && room.used + amount > room.capacity + NOTHING) return false;
    if (resumes) continue;
    if (room.closed || room.returning) return false;
    const { reservedBy } = room;
    // Whoever waits for a lock as well might wait for those that it holds up.
    if (reservedBy !== undefined && reservedBy !== own && areFree(state, reservedBy.locks)) return false;
  }
  return true;
}

/** Takes a share of rooms; `starts`: those it passes by are counted. */
export function take(state: ScheduleState, group: number, starts: boolean): void {
  const { needs } = state.groups[group]!;
  if (state.rooms.size === 0 || needs.length === 0) return;
  const own = state.parkedOf[group];
  for (const [name, amount] of needs) {
    const room = state.rooms.get(name);
    if (room !== undefined) room.used += amount;
  }
  if (!starts) return;
  if (own !== undefined) {
    own.passed = 0;
    unreserve(state, own);
  }
  for (const [name] of needs) {
    for (const other of state.rooms.get(name)?.parked ?? []) if (other !== own) pass(state, other);
  }
}

/** Attempts that are to go on lack these rooms: nothing new starts in them. */
export function awaitReturn(state: ScheduleState, needs: Group["needs"]): void {
  for (const [name] of needs) {
    const room = state.rooms.get(name);
    if (room !== undefined) room.returning = true;
  }
}

/** Forgets who is to go on; gives the rooms that were kept for them. */
export function forgetReturns(state: ScheduleState): Room[] {
  const kept: Room[] = [];
  for (const room of state.rooms.values()) {
    if (!room.returning) continue;
    room.returning = false;
    kept.push(room);
  }
  return kept;
}

/** Lets others into rooms that were kept for attempts that have gone on, or never will. */
export function reopen(state: ScheduleState, rooms: readonly Room[]): void {
  for (const room of rooms) if (!room.returning) wakeAll(state, room);
}

/** Locks were taken: what was reserved for nodes that need them is for all again, since nobody knows how long they are held. */
export function dropReservations(state: ScheduleState, locks: readonly string[]): void {
  if (locks.length === 0) return;
  for (const { reservedBy } of state.rooms.values()) {
    if (reservedBy?.locks.some((name) => locks.includes(name))) unreserve(state, reservedBy);
  }
}

/** Gives a share back. */
export function giveBack(state: ScheduleState, group: number): void {
  const { needs } = state.groups[group]!;
  if (state.rooms.size === 0 || needs.length === 0) return;
  for (const [name, amount] of needs) {
    const room = state.rooms.get(name);
    if (room !== undefined) room.used -= amount;
  }
  for (const [name] of needs) {
    const room = state.rooms.get(name);
    if (room !== undefined) wakeAll(state, room);
  }
}

/** Lets the first of some waiting nodes try again, if there is room for it. */
export function wake(state: ScheduleState, parked: Parked): void {
  if (parked.queue.length === 0 || !areFree(state, parked.locks)) return;
  if (fits(state, parked.needs, parked)) state.arrived.push(parked.queue.shift());
}

function wakeAll(state: ScheduleState, room: Room): void {
  // Whoever it is kept for comes first.
  if (room.reservedBy !== undefined) wake(state, room.reservedBy);
  for (const parked of room.parked) if (parked !== room.reservedBy) wake(state, parked);
}

/** Somebody has started in a room that these wait for. */
function pass(state: ScheduleState, parked: Parked): void {
  if (parked.queue.length === 0 || !areFree(state, parked.locks)) return;
  const rooms = parked.needs.flatMap(([name]) => state.rooms.get(name) ?? []);
  if (rooms.some(({ closed }) => closed) || ++parked.passed < PASSES) return;
  if (rooms.some(({ reservedBy }) => reservedBy !== undefined)) return;
  for (const room of rooms) room.reservedBy = parked;
}

/** Rooms are for all again. */
function unreserve(state: ScheduleState, parked: Parked): void {
  for (const [name] of parked.needs) {
    const room = state.rooms.get(name);
    if (room === undefined || room.reservedBy !== parked) continue;
    room.reservedBy = undefined;
    wakeAll(state, room);
  }
}

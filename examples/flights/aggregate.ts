/**
 * Sums flights up by airport, route, hour and so on: per row group first, then over all of them.
 *
 * Everything summed is a whole number, so the order of merging never changes a result.
 *
 * @module
 */

import type { Airport, Coded } from "./decode.ts";

/** What flights are grouped by. `schedule` is airport and hour, as in `ORD 07`; airports are those of departure. */
export type By = "airport" | "route" | "hour" | "month" | "day" | "schedule";

/** Every grouping. */
export const GROUPINGS: readonly By[] = ["airport", "route", "hour", "month", "day", "schedule"];

/** A flight counts as late from this delay on, in minutes: the rule of the US Department of Transportation. */
export const LATE = 15;

/** The columns of some flights, row by row. */
export interface Flights {
  readonly date: Int32Array;
  readonly delay: Int32Array;
  readonly distance: Int32Array;
  readonly origin: Coded;
  readonly destination: Coded;
}

/** Sums by key: entry `i` of each array belongs to `keys[i]`. Keys are sorted. */
export interface Tally {
  readonly keys: readonly string[];
  readonly flights: Float64Array;
  readonly late: Float64Array;
  readonly delay: Float64Array;
  readonly distance: Float64Array;
}

/** The figures of one key of a tally; delays in minutes, distances in miles, `late` a share of 1. */
export interface Figures {
  readonly key: string;
  readonly flights: number;
  readonly late: number;
  readonly delay: number;
  readonly distance: number;
}

/** An airport with its figures and its place by departures (1 = the busiest). */
export interface Profile extends Airport, Omit<Figures, "key"> {
  readonly rank: number;
  /** By hour of departure, hours without a flight left out. */
  readonly hours: readonly Figures[];
  /** The destinations flown to most. */
  readonly routes: readonly (Figures & { readonly to: string; readonly city: string })[];
}

/** Sums the flights of one row group up by one grouping. */
export function tallyBy(by: By, flights: Flights): Tally {
  const { count, slotOf, nameOf } = slots(by, flights);
  const sums = { flights: zeros(count), late: zeros(count), delay: zeros(count), distance: zeros(count) };
  for (let row = 0; row < flights.date.length; row++) {
    const slot = slotOf(row);
    const delay = flights.delay[row]!;
    sums.flights[slot]! += 1;
    sums.late[slot]! += delay >= LATE ? 1 : 0;
    sums.delay[slot]! += delay;
    sums.distance[slot]! += flights.distance[row]!;
  }
  const used = [...sums.flights.keys()].filter((slot) => sums.flights[slot]! > 0)
    .map((slot) => ({ slot, name: nameOf(slot) }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const take = (all: Float64Array) => Float64Array.from(used, ({ slot }) => all[slot]!);
  return {
    keys: used.map(({ name }) => name),
    flights: take(sums.flights),
    late: take(sums.late),
    delay: take(sums.delay),
    distance: take(sums.distance),
  };
}

/** Adds tallies of one grouping up. */
export function mergeTallies(tallies: readonly Tally[]): Tally {
  const keys = [...new Set(tallies.flatMap((tally) => tally.keys))].sort();
  const places = new Map(keys.map((key, place) => [key, place]));
  const add = (column: "flights" | "late" | "delay" | "distance") => {
    const total = zeros(keys.length);
    for (const tally of tallies) {
      tally.keys.forEach((key, i) => total[places.get(key)!]! += tally[column][i]!);
    }
    return total;
  };
  return { keys, flights: add("flights"), late: add("late"), delay: add("delay"), distance: add("distance") };
}

/** The means of every key of a tally, in the order of the keys. */
export function figures(tally: Tally): Figures[] {
  return tally.keys.map((key, i) => {
    const flights = tally.flights[i]!;
    return {
      key,
      flights,
      late: tally.late[i]! / flights,
      delay: tally.delay[i]! / flights,
      distance: tally.distance[i]! / flights,
    };
  });
}

/** The figures of all keys together. */
export function overall(tally: Tally): Figures {
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const flights = sum(tally.flights);
  return {
    key: "all",
    flights,
    late: sum(tally.late) / flights,
    delay: sum(tally.delay) / flights,
    distance: sum(tally.distance) / flights,
  };
}

/** Joins the tallies with the list of airports; the busiest airport first. */
export function profile(
  { airports, airport, schedule, route }: {
    readonly airports: Readonly<Record<string, Airport>>;
    readonly airport: Tally;
    readonly schedule: Tally;
    readonly route: Tally;
  },
): Profile[] {
  const hours = Map.groupBy(figures(schedule), ({ key }) => key.slice(0, 3));
  const routes = Map.groupBy(figures(route), ({ key }) => key.slice(0, 3));
  const busiest = (a: Figures, b: Figures) => b.flights - a.flights || (a.key < b.key ? -1 : 1);
  return figures(airport).sort(busiest).map(({ key, ...means }, i) => {
    const place = airports[key];
    if (place === undefined) throw new Error(`Airport "${key}" is not in airports.csv`);
    return {
      ...place,
      ...means,
      rank: i + 1,
      hours: (hours.get(key) ?? []).map((hour) => ({ ...hour, key: hour.key.slice(4) })),
      routes: (routes.get(key) ?? []).sort(busiest).slice(0, 8)
        .map((flown) => ({
          ...flown,
          to: flown.key.slice(4),
          city: airports[flown.key.slice(4)]?.city ?? "?",
        })),
    };
  });
}

/** The keys of a grouping as small numbers, so that the loop over the rows adds to arrays and builds no text. */
function slots(by: By, { date, origin, destination }: Flights): {
  readonly count: number;
  readonly slotOf: (row: number) => number;
  readonly nameOf: (slot: number) => string;
} {
  const from = (row: number) => origin.codes[row]!;
  const to = (row: number) => destination.codes[row]!;
  const hour = (row: number) => Math.floor(date[row]! / 60) % 24;
  const two = (n: number) => String(n).padStart(2, "0");
  const firstDay = Math.floor(date.reduce((a, b) => Math.min(a, b)) / 1440);
  const days = Math.floor(date.reduce((a, b) => Math.max(a, b)) / 1440) - firstDay + 1;
  const day = (slot: number) => new Date((firstDay + slot) * 86_400_000).toISOString().slice(0, 10);
  switch (by) {
    case "airport":
      return { count: origin.names.length, slotOf: from, nameOf: (slot) => origin.names[slot]! };
    case "route": {
      const width = destination.names.length;
      return {
        count: origin.names.length * width,
        slotOf: (row) => from(row) * width + to(row),
        nameOf: (slot) => `${origin.names[Math.floor(slot / width)]}-${destination.names[slot % width]}`,
      };
    }
    case "hour":
      return { count: 24, slotOf: hour, nameOf: two };
    case "schedule":
      return {
        count: origin.names.length * 24,
        slotOf: (row) => from(row) * 24 + hour(row),
        nameOf: (slot) => `${origin.names[Math.floor(slot / 24)]} ${two(slot % 24)}`,
      };
    case "day":
      return { count: days, slotOf: (row) => Math.floor(date[row]! / 1440) - firstDay, nameOf: day };
    case "month": {
      const months = [...new Set(Array.from({ length: days }, (_, slot) => day(slot).slice(0, 7)))];
      const monthOf = Array.from({ length: days }, (_, slot) => months.indexOf(day(slot).slice(0, 7)));
      return {
        count: months.length,
        slotOf: (row) => monthOf[Math.floor(date[row]! / 1440) - firstDay]!,
        nameOf: (slot) => months[slot]!,
      };
    }
  }
}

function zeros(length: number): Float64Array {
  return new Float64Array(length);
}

/**
 * Three million flights: from a Parquet file to a report with a map, charts and a page for each large airport.
 *
 * ```sh
 * runner run examples/flights/pipeline.ts              # the 100 busiest airports get a page
 * runner run examples/flights/pipeline.ts --top 20     # 20 of them: everything but the report itself is up to date
 * ```
 *
 * The work is in plain functions (`decode.ts`, `aggregate.ts`, `draw.ts`, `map.ts`, `report.ts`); this file says which
 * of them is a task, and what flows where. 11 row groups × 5 columns are decoded, 11 × 6 times summed up, merged, joined
 * with the list of airports, and drawn: some 230 tasks, most of which can run at once.
 *
 * @module
 */

import { task } from "runner";
import { type By, figures, type Flights, mergeTallies, type Profile, profile } from "./aggregate.ts";
import { type Tally, tallyBy } from "./aggregate.ts";
import { type CodeColumn, decodeCodes, decodeNumbers, type NumberColumn } from "./decode.ts";
import { readAirports, readMap, ROW_GROUPS } from "./decode.ts";
import { drawMap } from "./map.ts";
import { airportPage, daysChart, hourChart, monthChart, type ReportParts, writeReport } from "./report.ts";

// Decode: a typed array for each column of each row group. These are the large results, a megabyte each, so they are kept
// with the quickest compression instead of the usual one: a sixth less work for 9 MB more of disk.

const numbers = task("numbers", {
  compression: 1,
  run: ({ group, column }: { group: number; column: NumberColumn }) => decodeNumbers(group, column),
});

const codes = task("codes", {
  compression: 1,
  run: ({ group, column }: { group: number; column: CodeColumn }) => decodeCodes(group, column),
});

const airports = task("airports", () => readAirports());

// Aggregate: the sums of each row group, then those of the whole file.

const tally = task("tally", ({ by, flights }: { by: By; flights: Flights }) => tallyBy(by, flights));

const merge = task("merge", mergeTallies);

const profiles = task("profiles", profile);

// Draw: pure functions from figures to text.

const map = task("map", ({ profiles, routes }: { profiles: Profile[]; routes: Tally }) =>
  drawMap({
    title: "Where American flights ran late, January to June 2001",
    subtitle: "Circles: airports, by departures and mean delay. Lines: the 300 busiest connections.",
    topology: readMap(),
    profiles,
    routes: figures(routes),
  }));

const chart = task(
  "chart",
  ({ by, tally }: { by: "hour" | "month" | "day"; tally: Tally }) =>
    ({ hour: hourChart, month: monthChart, day: daysChart })[by](figures(tally)),
);

const page = task("page", airportPage);

// Write: the only task with an effect, and its files are kept with its result.

const report = task("report", (parts: ReportParts, { directory }) => writeReport(directory, parts));

/** How many airports there are flights from. */
const AIRPORTS = 229;

// The flow. A call may stand wherever its value is wanted: nothing of this runs here, it only says what needs what.

/** The columns of one row group. */
function flights(group: number) {
  return {
    date: numbers({ group, column: "date" }),
    delay: numbers({ group, column: "delay" }),
    distance: numbers({ group, column: "distance" }),
    origin: codes({ group, column: "origin" }),
    destination: codes({ group, column: "destination" }),
  };
}

/** The sums of the whole file by one grouping. */
function total(by: By) {
  const groups = Array.from({ length: ROW_GROUPS }, (_, group) => group);
  return merge(groups.map((group) => tally({ by, flights: flights(group) })));
}

/** The report, with pages for as many of the busiest airports as wanted. */
export const main = task("main", {
  description: "Writes a report on three million flights, with a page for each of the busiest airports.",
  deps: ({ top = 100 }: { readonly top?: number } = {}) => {
    if (top > AIRPORTS) throw new RangeError(`The file has ${AIRPORTS} airports: no page for number ${top}`);
    const route = total("route");
    const joined = profiles({
      airports: airports(),
      airport: total("airport"),
      schedule: total("schedule"),
      route,
    });
    return {
      report: report({
        profiles: joined,
        routes: route,
        map: map({ profiles: joined, routes: route }),
        hours: chart({ by: "hour", tally: total("hour") }),
        months: chart({ by: "month", tally: total("month") }),
        days: chart({ by: "day", tally: total("day") }),
        pages: Array.from({ length: top }, (_, place) => page(joined.pick(place))),
      }),
    };
  },
  run: (_input, { deps }) => deps.report,
});

/**
 * Turns figures into pages: the charts with their words, one page per airport, and the report that links them all.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figures, figures, overall, type Profile, type Tally } from "./aggregate.ts";
import { barChart, count, date, dayChart, minutes, monthName, percent } from "./draw.ts";

/** Days and months with fewer flights than this are left out of the charts: the file ends with six flights of July. */
const ENOUGH = 1000;

/** Hours with fewer flights than this share of all are drawn pale. */
const FEW = 0.004;

/** The page of one airport: a chart and the text that shows it. */
export interface AirportPage {
  readonly iata: string;
  readonly chart: string;
  readonly markdown: string;
}

/** Everything the report is made of. */
export interface ReportParts {
  /** All airports, the busiest first. */
  readonly profiles: readonly Profile[];
  readonly routes: Tally;
  readonly pages: readonly AirportPage[];
  /** The drawings, as SVG. */
  readonly map: string;
  readonly hours: string;
  readonly months: string;
  readonly days: string;
}

/** What was written, and the figures of all flights together. */
export interface Report {
  /** The path of the Markdown file; what it links to lies beside it. */
  readonly report: string;
  readonly files: number;
  readonly flights: number;
  readonly airports: number;
  readonly routes: number;
  /** In minutes. */
  readonly meanDelay: number;
  /** The share of flights that were late by 15 minutes or more. */
  readonly late: number;
}

/** Writes the report, its drawings and the pages of the airports into a folder. */
export function writeReport(folder: string, parts: ReportParts): Report {
  const { map, hours, months, days, pages, routes, profiles } = parts;
  const files = new Map([
    ["report.md", reportText(parts)],
    ...Object.entries({ map, hours, months, days }).map(([name, svg]) => [`${name}.svg`, svg] as const),
    ...pages.map(({ iata, markdown }) => [`airports/${iata}.md`, markdown] as const),
    ...pages.map(({ iata, chart }) => [`airports/${iata}.svg`, chart] as const),
  ]);
  mkdirSync(join(folder, "airports"));
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  const { flights, delay, late } = overall(routes);
  return {
    report: join(folder, "report.md"),
    files: files.size,
    flights,
    airports: profiles.length,
    routes: routes.keys.length,
    meanDelay: delay,
    late,
  };
}

/** The chart of delays by hour of departure. */
export function hourChart(hours: readonly Figures[]): string {
  return barChart({
    title: "Delays grow through the day",
    subtitle:
      "Mean delay by hour of departure, all airports. Pale: few flights, most of them late from the day before.",
    x: "hour of departure, local time, from five in the morning",
    y: "mean delay, minutes",
    top: 45,
    values: true,
    bars: bars(hours),
  });
}

/** The chart of delays by month. */
export function monthChart(months: readonly Figures[]): string {
  const shown = months.filter(({ flights }) => flights >= ENOUGH);
  const [worst, second] = shown.toSorted((a, b) => b.delay - a.delay).map(({ key }) =>
    monthName(key, "long")
  );
  return barChart({
    title: `${worst} and ${second} were the worst months`,
    subtitle: "Mean delay by month of 2001, all airports.",
    x: "month",
    y: "mean delay, minutes",
    values: true,
    height: 340,
    bars: shown.map((month) => ({
      label: monthName(month.key),
      value: month.delay,
      hint: describe(month),
    })),
  });
}

/** The chart of delays by day. */
export function daysChart(days: readonly Figures[]): string {
  const shown = days.filter(({ flights }) => flights >= ENOUGH);
  return dayChart(
    "A few bad days make a bad month",
    `Mean delay of each day from ${date(shown[0]!.key)} to ${
      date(shown.at(-1)!.key)
    } 2001, with the five highest peaks.`,
    shown.map(({ key, delay, flights }) => ({ day: key, delay, flights })),
  );
}

/** The page of one airport. */
export function airportPage(profile: Profile): AirportPage {
  const { iata, name, city, state, rank } = profile;
  const chart = barChart({
    title: `${iata} · ${name}`,
    subtitle: `Mean delay by hour of departure, ${count(profile.flights)} flights. Pale: few flights.`,
    x: "hour of departure, local time",
    y: "mean delay, minutes",
    width: 720,
    height: 320,
    top: 40,
    bars: bars(profile.hours),
  });
  const markdown = `# ${name} (${iata})

${city}, ${state} · number ${rank} of the country by departures · [back to the report](../report.md)

| departures | mean delay | 15 min late or more | mean distance |
| ---: | ---: | ---: | ---: |
| ${count(profile.flights)} | ${minutes(profile.delay)} | ${percent(profile.late)} | ${
    count(profile.distance)
  } miles |

![Mean delay by hour of departure from ${iata}](${iata}.svg)

## Where its flights go

${
    table(["to", "", "flights", "mean delay", "late", "miles"], "llrrrr", profile.routes, (route) => [
      route.to,
      route.city,
      count(route.flights),
      minutes(route.delay),
      percent(route.late),
      count(route.distance),
    ])
  }`;
  return { iata, chart, markdown };
}

/** The text of the report itself. */
function reportText({ profiles, routes, pages }: ReportParts): string {
  const all = overall(routes);
  const large = profiles.filter(({ rank }) => rank <= pages.length);
  const paged = new Set(pages.map(({ iata }) => iata));
  const link = ({ iata, city }: Profile) =>
    paged.has(iata) ? `[${iata}](airports/${iata}.md) ${city}` : `${iata} ${city}`;
  const byDelay = large.toSorted((a, b) => b.delay - a.delay);
  const airports = (title: string, rows: readonly Profile[]) =>
    table([title, "departures", "mean delay", "late"], "lrrr", rows, (airport) => [
      link(airport),
      count(airport.flights),
      minutes(airport.delay),
      percent(airport.late),
    ]);
  const frequent = figures(routes).toSorted((a, b) => b.flights - a.flights || (a.key < b.key ? -1 : 1))
    .slice(0, 12);
  return `# Three million flights

${
    count(all.flights)
  } domestic flights in the United States, from January to June 2001, between ${profiles.length}
airports on ${count(routes.keys.length)} routes. On average a flight was ${all.delay.toFixed(1)} minutes late;
${percent(all.late)} were late by 15 minutes or more.

![Map of the airports, coloured by mean delay](map.svg)

## When

![Mean delay by hour](hours.svg)

![Mean delay by month](months.svg)

![Mean delay by day](days.svg)

## Where

Of the ${pages.length} busiest airports, by mean delay of the flights that leave there.

${airports("the latest", byDelay.slice(0, 10))}
${airports("the most punctual", byDelay.slice(-10).reverse())}
## The busiest routes

${
    table(["route", "flights", "mean delay", "late", "miles"], "lrrrr", frequent, (route) => [
      route.key.replace("-", " → "),
      count(route.flights),
      minutes(route.delay),
      percent(route.late),
      count(route.distance),
    ])
  }
## Every airport with a page

${large.map(link).join(" · ")}

---

Data: US Bureau of Transportation Statistics, through the npm package \`vega-datasets\`. Hours and days are those of the
airport of departure. Airports outside of the 50 states (in Puerto Rico and the Virgin Islands) are counted, but not on
the map. Left out of the charts by month and day: those with fewer than ${count(ENOUGH)} flights.
`;
}

/** Hours as bars in the order of a working day: five in the morning to four in the night. */
function bars(hours: readonly Figures[]) {
  const all = hours.reduce((sum, { flights }) => sum + flights, 0);
  const sinceFive = ({ key }: Figures) => (Number(key) + 19) % 24;
  return hours.toSorted((a, b) => sinceFive(a) - sinceFive(b)).map((hour) => ({
    label: hour.key,
    value: hour.delay,
    hint: `${hour.key}:00: ${describe(hour)}`,
    faint: hour.flights < all * FEW,
  }));
}

function describe({ flights, delay, late }: Figures): string {
  return `${count(flights)} flights, mean delay ${minutes(delay)}, ${percent(late)} late`;
}

/** A Markdown table; `align` has an `l` or an `r` for each column. */
function table<Row>(
  head: readonly string[],
  align: string,
  rows: readonly Row[],
  cells: (row: Row) => readonly string[],
): string {
  const row = (content: readonly string[]) => `| ${content.join(" | ")} |\n`;
  return row(head) + row([...align].map((side) => side === "r" ? "---:" : ":---")) +
    rows.map((each) => row(cells(each))).join("");
}

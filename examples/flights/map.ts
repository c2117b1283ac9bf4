/**
 * Draws the map: airports as circles, sized by departures and coloured by mean delay, over the routes between them.
 *
 * @module
 */

import type { Figures, Profile } from "./aggregate.ts";
import type { GeometryCollection, Topology } from "./deps.ts";
import { feature, geoAlbersUsa, geoPath, mesh, scaleLinear, scaleSqrt } from "./deps.ts";
import {
  colourOf,
  COLOURS,
  count,
  document,
  escape,
  GREY,
  INK,
  LIMITS,
  minutes,
  round,
  text,
} from "./draw.ts";

const WIDTH = 1080;
const HEIGHT = 700;
const PAIRS = 300;
const LABELS = 36;

/** What the map shows. */
export interface FlightMap {
  readonly title: string;
  readonly subtitle: string;
  readonly topology: Topology;
  /** The busiest first: they get the labels. */
  readonly profiles: readonly Profile[];
  readonly routes: readonly Figures[];
}

/** A circle on the paper. */
interface Spot {
  readonly x: number;
  readonly y: number;
  readonly r: number;
  readonly profile: Profile;
}

/** A rectangle on the paper that is taken. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The map as an SVG file. */
export function drawMap({ title, subtitle, topology, profiles, routes }: FlightMap): string {
  const projection = geoAlbersUsa().scale(1250).translate([WIDTH / 2 - 44, HEIGHT / 2 + 22]);
  const path = geoPath(projection).digits(1);
  const states = topology.objects.states as GeometryCollection;
  const land = path(feature(topology, states)) ?? "";
  const borders = path(mesh(topology, states, (a, b) => a !== b)) ?? "";

  const radius = scaleSqrt([0, profiles[0]?.flights ?? 1], [0, 19]);
  const spots = profiles.flatMap((profile): Spot[] => {
    const at = projection([profile.longitude, profile.latitude]);
    return at === null ? [] : [{ x: at[0], y: at[1], r: Math.max(radius(profile.flights), 1.6), profile }];
  });

  return document(WIDTH, HEIGHT, title, subtitle, [
    `<path d="${land}" fill="#f1f2ee"/>`,
    `<path d="${borders}" fill="none" stroke="#c9cdc6" stroke-width="0.8" stroke-linejoin="round"/>`,
    `<g fill="none" stroke="#3c5a78" stroke-linecap="round">`,
    ...drawRoutes(spots, routes, path),
    `</g>`,
    `<g stroke="${INK}" stroke-width="0.6">`,
    ...spots.map(({ x, y, r, profile: p }) =>
      `<circle cx="${round(x)}" cy="${round(y)}" r="${round(r)}" fill="${colourOf(p.delay)}"><title>${
        escape(
          `${p.iata} ${p.name}, ${p.city} ${p.state}: ${count(p.flights)} departures, mean ${
            minutes(p.delay)
          }`,
        )
      }</title></circle>`
    ),
    `</g>`,
    ...drawLabels(spots),
    ...drawLegend(radius),
  ]);
}

/** The pairs of airports with the most flights, both directions together, as great circles. */
function drawRoutes(
  spots: readonly Spot[],
  routes: readonly Figures[],
  path: (line: { type: "LineString"; coordinates: [number, number][] }) => string | null,
): string[] {
  const places = new Map(spots.map((spot) => [spot.profile.iata, spot.profile]));
  const pairs = new Map<string, number>();
  for (const { key, flights } of routes) {
    const pair = key.split("-").sort().join("-");
    pairs.set(pair, (pairs.get(pair) ?? 0) + flights);
  }
  const drawn = [...pairs].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).flatMap(
    ([pair, flights]) => {
      const [a, b] = pair.split("-").map((iata) => places.get(iata));
      // Alaska and Hawaii are insets: a line to them would run where no aeroplane flies.
      if (a === undefined || b === undefined || inset(a) !== inset(b)) return [];
      return [{ a, b, flights }];
    },
  ).slice(0, PAIRS);
  const most = drawn[0]?.flights ?? 1;
  const width = scaleSqrt([0, most], [0.2, 3]);
  const opacity = scaleLinear([0, most], [0.12, 0.5]);
  return drawn.reverse().map(({ a, b, flights }) => {
    const ends: [number, number][] = [[a.longitude, a.latitude], [b.longitude, b.latitude]];
    return `<path d="${path({ type: "LineString", coordinates: ends })}" stroke-width="${
      width(flights).toFixed(2)
    }" opacity="${opacity(flights).toFixed(2)}"/>`;
  });
}

/** The codes of the busiest airports, each where it covers no other label and no large circle, or not at all. */
function drawLabels(spots: readonly Spot[]): string[] {
  const taken: Box[] = spots.slice(0, 60).map(({ x, y, r }) => ({
    left: x - r,
    right: x + r,
    top: y - r,
    bottom: y + r,
  }));
  return spots.slice(0, LABELS).flatMap(({ x, y, r, profile: { iata } }) => {
    const width = iata.length * 8.4, height = 11;
    for (
      const [left, top] of [
        [x + r + 3, y - height / 2],
        [x - r - 3 - width, y - height / 2],
        [x - width / 2, y - r - 3 - height],
        [x - width / 2, y + r + 3],
        [x + r * 0.8 + 2, y - r * 0.8 - height],
        [x + r * 0.8 + 2, y + r * 0.8],
        [x - r * 0.8 - 2 - width, y - r * 0.8 - height],
        [x - r * 0.8 - 2 - width, y + r * 0.8],
      ] as const
    ) {
      const box = { left, top, right: left + width, bottom: top + height };
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return [text(left, top + height - 1.5, iata, { size: 11.5, weight: "bold", halo: true })];
    }
    return [];
  });
}

/** What colours and sizes mean, in the corner below the Atlantic coast. */
function drawLegend(radius: (flights: number) => number): string[] {
  const left = WIDTH - 186, top = HEIGHT - 244;
  const bounds = [-Infinity, ...LIMITS, Infinity];
  const colours = COLOURS.map((colour, i) => {
    const [low = 0, high = 0] = bounds.slice(i, i + 2);
    const words = i === 0
      ? `under ${high}`
      : i === COLOURS.length - 1
      ? `${low} and more`
      : `${low} to ${high}`;
    const y = top + 18 + i * 18;
    return `<rect x="${left}" y="${y}" width="22" height="12" fill="${colour}" stroke="${INK}" stroke-width="0.5"/>` +
      text(left + 30, y + 10.5, words);
  });
  const base = top + 208;
  const sizes = [160_000, 60_000, 10_000].map((flights) => {
    const r = radius(flights), y = base - 2 * r;
    return `<circle cx="${left + 20}" cy="${round(base - r)}" r="${round(r)}" fill="none" stroke="${INK}"/>` +
      `<path d="M${left + 20} ${round(y)}H${left + 48}" stroke="${GREY}" stroke-dasharray="2 2"/>` +
      text(left + 52, y + 4, count(flights));
  });
  return [
    text(left, top + 8, "Mean delay, minutes", { weight: "bold" }),
    ...colours,
    text(left, top + 152, "Departures", { weight: "bold" }),
    ...sizes,
  ];
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function inset({ state }: Profile): string {
  return state === "AK" || state === "HI" ? state : "";
}

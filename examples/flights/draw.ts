/**
 * Draws charts as SVG text: no DOM, no canvas, the same text for the same figures.
 *
 * @module
 */

import { scaleBand, scaleLinear, scaleThreshold } from "./deps.ts";

/** The limits between the colours of a mean delay, in minutes. */
export const LIMITS: readonly number[] = [2, 4, 6, 8, 10];

/** From early (blue) to late (red): ColorBrewer's RdYlBu, which stays readable without colour vision. */
export const COLOURS: readonly string[] = ["#4575b4", "#91bfdb", "#d3e8f0", "#fee090", "#fc8d59", "#d73027"];

/** The colour of a mean delay in minutes. */
export const colourOf: (delay: number) => string = scaleThreshold([...LIMITS], [...COLOURS]);

/** The colour of text and of lines that carry data. */
export const INK = "#1d2733";

/** The colour of what explains: axes, notes. */
export const GREY = "#66707c";

/** One bar of a chart. */
export interface Bar {
  /** Under the bar. */
  readonly label: string;
  readonly value: number;
  /** What pointing at the bar shows. */
  readonly hint: string;
  /** Little data behind it: drawn pale. */
  readonly faint?: boolean;
}

/** What a bar chart shows and how large. */
export interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly Bar[];
  /** Names of the axes. */
  readonly x: string;
  readonly y: string;
  readonly width?: number;
  readonly height?: number;
  /** The axis ends here; a taller bar is cut and has its value written on it. */
  readonly top?: number;
  /** Write the value over every bar. */
  readonly values?: boolean;
}

/** A chart of vertical bars, coloured by the same scale as the map. */
export function barChart(chart: BarChart): string {
  const { title, subtitle, bars, x: xName, y: yName, width = 860, height = 380 } = chart;
  const left = 62, right = width - 20, upper = 92, lower = height - 56;
  const highest = Math.max(...bars.map((bar) => bar.value), 1);
  const lowest = Math.min(...bars.map((bar) => bar.value), 0);
  const y = scaleLinear([lowest, Math.min(highest, chart.top ?? Infinity)], [lower, upper]).nice(6);
  const [, ceiling = 0] = y.domain();
  const x = scaleBand(bars.map((bar) => bar.label), [left, right]).padding(0.22);
  const ticks = y.ticks(6).map((tick) => gridLine(y(tick), left, right, tick));
  const drawn = bars.map(({ label, value, hint, faint = false }) => {
    const end = y(Math.min(value, ceiling));
    const [start, size] = end < y(0) ? [end, y(0) - end] : [y(0), end - y(0)];
    const middle = x(label)! + x.bandwidth() / 2;
    const cut = value > ceiling;
    const colour = faint ? pale(colourOf(value)) : colourOf(value);
    const figure = value.toFixed(Math.abs(value) < 100 ? 1 : 0);
    return [
      rect(x(label)!, start, x.bandwidth(), Math.max(size, 0.5), colour, hint),
      cut ? breakMark(middle, start + 12, x.bandwidth()) : "",
      cut || chart.values ? text(middle, start - 5, figure, { anchor: "middle", size: 11 }) : "",
      text(middle, lower + 18, label, { anchor: "middle", size: 12, fill: faint ? GREY : INK }),
    ].join("");
  });
  return document(width, height, title, subtitle, [
    text(left, upper - 16, yName, { size: 12, fill: GREY }),
    ...ticks,
    ...drawn,
    line(left, y(0), right, y(0), INK),
    text((left + right) / 2, height - 14, xName, { anchor: "middle", size: 12, fill: GREY }),
  ]);
}

/** One day of the calendar chart. */
export interface Day {
  /** As in `2001-02-25`. */
  readonly day: string;
  readonly delay: number;
  readonly flights: number;
}

/** A thin bar for every day, with the worst days named. */
export function dayChart(title: string, subtitle: string, days: readonly Day[]): string {
  const width = 860, height = 360, left = 62, right = width - 20, upper = 96, lower = height - 44;
  const x = scaleBand(days.map(({ day }) => day), [left, right]).paddingInner(0.2);
  const values = days.map(({ delay }) => delay);
  const y = scaleLinear([Math.min(0, ...values), Math.max(1, ...values)], [lower, upper]).nice(5);
  const bars = days.map(({ day, delay, flights }) => {
    const [start, end] = [y(delay), y(0)].sort((a, b) => a - b) as [number, number];
    const hint = `${date(day)}: ${minutes(delay)}, ${count(flights)} flights`;
    return rect(x(day)!, start, x.bandwidth(), Math.max(end - start, 0.5), colourOf(delay), hint);
  });
  const months = days.filter(({ day }) => day.endsWith("-01"))
    .flatMap(({ day }) => [
      line(x(day)! - 1, lower, x(day)! - 1, lower + 8, GREY),
      text(x(day)! + 3, lower + 18, monthName(day), { size: 12 }),
    ]);
  const labels: string[] = [];
  const taken: number[] = [];
  for (const { day, delay } of days.toSorted((a, b) => b.delay - a.delay)) {
    const at = Math.min(Math.max(x(day)!, left + 30), right - 30);
    if (taken.length === 5) break;
    if (taken.some((other) => Math.abs(other - at) < 70)) continue;
    taken.push(at);
    labels.push(text(at, y(delay) - 6, `${date(day)}: ${delay.toFixed(0)}`, { anchor: "middle", size: 11 }));
  }
  return document(width, height, title, subtitle, [
    text(left, upper - 22, "mean delay, minutes", { size: 12, fill: GREY }),
    ...y.ticks(5).map((tick) => gridLine(y(tick), left, right, tick)),
    ...bars,
    line(left, y(0), right, y(0), INK),
    ...months,
    ...labels,
  ]);
}

/** A whole SVG file: white paper, a title, a subtitle and what is drawn below them. */
export function document(
  width: number,
  height: number,
  title: string,
  subtitle: string,
  content: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
    ` role="img" font-family="Helvetica, Arial, 'Liberation Sans', sans-serif">`,
    `<title>${escape(title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(20, 32, title, { size: 20, weight: "bold" }),
    text(20, 53, subtitle, { size: 13, fill: GREY }),
    ...content,
    "</svg>\n",
  ].join("\n");
}

/** Text at a place; `halo` keeps it readable on top of a drawing. */
export function text(
  x: number,
  y: number,
  content: string,
  { anchor = "start", size = 12, fill = INK, weight = "normal", halo = false }: {
    readonly anchor?: "start" | "middle" | "end";
    readonly size?: number;
    readonly fill?: string;
    readonly weight?: "normal" | "bold";
    readonly halo?: boolean;
  } = {},
): string {
  const extras = (anchor === "start" ? "" : ` text-anchor="${anchor}"`) +
    (weight === "normal" ? "" : ` font-weight="${weight}"`) +
    (halo ? ` stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke"` : "");
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"${extras}>${
    escape(content)
  }</text>`;
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"/>`;
}

/** A filled rectangle that says `hint` when pointed at. */
export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  hint: string,
): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${
    round(height)
  }" fill="${fill}">` +
    `<title>${escape(hint)}</title></rect>`;
}

/** A coordinate with one decimal: finer than a pixel, and short. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text as XML wants it. */
export function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}

/** A whole number with thousands separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A delay, as in `+6.7 min`. */
export function minutes(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} min`;
}

/** A share, as in `20.9%`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** The month of a day or month key, as in `Feb`, or `February` when long. */
export function monthName(key: string, month: "short" | "long" = "short"): string {
  return new Date(`${key.slice(0, 7)}-01T00:00:00Z`).toLocaleString("en-US", {
    month,
    timeZone: "UTC",
  });
}

/** A day key as in `25 Feb`. */
export function date(day: string): string {
  return `${Number(day.slice(8))} ${monthName(day)}`;
}

function gridLine(y: number, left: number, right: number, tick: number): string {
  return line(left, y, right, y, "#e3e6ea") +
    text(left - 8, y + 4, String(tick), { anchor: "end", fill: GREY });
}

/** A hex colour, halfway to white. */
function pale(colour: string): string {
  const halfway = (part: string) => Math.round((parseInt(part, 16) + 255) / 2).toString(16);
  return colour.replace(/[0-9a-f]{2}/g, halfway);
}

/** Two slanted white strokes across a bar that goes on beyond the axis. */
function breakMark(middle: number, y: number, width: number): string {
  const half = width / 2 + 2;
  const stroke = (at: number) =>
    `<path d="M${round(middle - half)} ${round(at + 4)}L${round(middle + half)} ${
      round(at - 4)
    }" stroke="#fff"` +
    ` stroke-width="3"/>`;
  return stroke(y) + stroke(y + 8);
}

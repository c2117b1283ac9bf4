/** One table of figures as text: what was measured, ours, and the others'. */

/** One line of the table. */
export interface Row {
  /** What was measured. */
  readonly what: string;
  /** Our figure. */
  readonly ours: string;
  /** The others' figures on the same work, by name. */
  readonly peers?: Readonly<Record<string, string>>;
}

/** A number as people read it: three digits that count, thousands apart. */
export function readable(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toPrecision(2);
}

/** A time, in the unit that suits it. */
export function duration(seconds: number): string {
  if (seconds >= 1) return `${readable(seconds)} s`;
  return seconds >= 1e-3 ? `${readable(seconds * 1e3)} ms` : `${readable(seconds * 1e6)} µs`;
}

/** A speed, and the memory that it took. */
export function rate(count: number, seconds: number, kilobytes = 0): string {
  return `${readable(count / seconds)}/s${kilobytes > 0 ? `, ${readable(kilobytes / 1024)} MiB` : ""}`;
}

/** The middle one of several values; of an even number, the lower of the two. */
export function median<T>(values: readonly T[], by: (value: T) => number): T {
  return [...values].sort((a, b) => by(a) - by(b))[(values.length - 1) >> 1]!;
}

/** The rows as a table of Markdown, columns aligned. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, ours, peers = {} }) => [
    what,
    ours,
    Object.entries(peers).map(([name, figure]) => `${name} ${figure}`).join(" · "),
  ]);
  const all = [["what", "runner", "others, in the same run"], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`
  );
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

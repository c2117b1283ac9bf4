/** Progress, failures and summaries as text. Pure: strings in, strings out. */
import { readableDuration } from "../model/duration.ts";
import type { RunStats } from "../model/event.ts";
import type { NodeFailure } from "../model/failure.ts";
import { readableFrame } from "../model/source.ts";
import { cut, type Part, spread } from "./columns.ts";
import { causes, headLine, userLines } from "./error.ts";
import type { Progress, RunningNode } from "./progress.ts";
import type { Style } from "./style.ts";

/** The most lines of a log that a failure shows; the file has all of them. */
const LOG_LINES = 40;

/** The live display: a line of counts, and the tasks that have been running longest. No line is wider than `columns`. */
export function renderProgress(
  progress: Progress,
  columns: number,
  lines: number,
  now: number,
  style: Style,
): string[] {
  const { running } = progress;
  const longest: RunningNode[] = [];
  for (const node of running.values()) if (longest.push(node) === lines) break;
  const rest = running.size - longest.length;
  return [
    counts(progress, columns, now, style),
    ...longest.map(({ call, since }) => {
      const time = readableDuration(Math.max(0, now - since));
      return spread(
        [["  ▸ ", style.dim], [cut(call(), columns - 5 - time.length)], [` ${time}`, style.dim]],
        columns,
      );
    }),
    ...(rest > 0 ? [spread([[`  and ${rest} more`, style.dim]], columns)] : []),
  ];
}

/** How far the run is: a bar where there is room, and numbers. */
function counts(progress: Progress, columns: number, now: number, style: Style): string {
  const done = progress.ran + progress.upToDate + progress.failed;
  const width = Math.min(30, columns - 60);
  const filled = progress.nodes === 0 ? 0 : Math.min(width, Math.floor((width * done) / progress.nodes));
  const parts: Part[] = [
    [`${done}/${progress.nodes}`],
    // What must not be cut off comes first.
    ...(progress.failed > 0 ? [[` · ${progress.failed} failed`, style.bad] as const] : []),
    [` · ${progress.ran} ran`],
    ...(progress.upToDate > 0 ? [[` · ${progress.upToDate} up to date`] as const] : []),
    [` · ${readableDuration(Math.max(0, now - progress.started))}`],
  ];
  if (width < 10) return spread(parts, columns);
  return spread(
    [["█".repeat(filled), style.good], ["░".repeat(width - filled), style.dim], [" "], ...parts],
    columns,
  );
}

/** The line at the end of a run. */
export function renderSummary(stats: RunStats, style: Style): string {
  const ok = stats.failed === 0 && stats.skipped === 0;
  const parts = [
    `ran ${stats.ran}`,
    `up to date ${stats.upToDate}`,
    stats.failed > 0 ? style.bad(`failed ${stats.failed}`) : `failed ${stats.failed}`,
    `skipped ${stats.skipped}`,
    readableDuration(stats.seconds * 1_000),
  ];
  const left = stats.abandoned > 0
    ? `\n${
      style.dim(
        `${stats.abandoned} busy ${
          stats.abandoned === 1 ? "thread" : "threads"
        } could not be stopped and ended with the program`,
      )
    }`
    : "";
  return `${ok ? style.good("✓") : style.bad("✗")} ${parts.join(" · ")}${left}`;
}

/** A failure, once, with everything that helps. */
export function renderFailure(failure: NodeFailure, style: Style): string {
  const { error, reason, attempts } = failure;
  const tries = attempts > 1 ? `, after ${attempts} attempts` : "";
  const kind = reason === "error" ? "" : ` (${reason})`;
  const lines = [
    `${style.bad("✗ failed")} ${style.strong(failure.call)}${kind}${tries}`,
    `  ${headLine(error, style)}`,
  ];
  const frames = reason === "timeout" || reason === "crash" ? [] : userLines(error.stack);
  if (frames.length > 0) lines.push(...frames.map((frame) => style.dim(`    ${frame}`)));
  else if (failure.at !== undefined) lines.push(style.dim(`    at ${readableFrame(failure.at)}`));
  lines.push(...causes(error, style));
  lines.push(
    ...renderLog("stdout", failure.output.stdout, style),
    ...renderLog("stderr", failure.output.stderr, style),
  );
  for (const file of failure.output.files) lines.push(style.dim(`  log: ${file}`));
  return lines.join("\n");
}

/** The end of what a task printed. */
function renderLog(name: string, text: string, style: Style): string[] {
  if (text.trim() === "") return [];
  const all = text.replace(/\n$/, "").split("\n");
  const shown = all.slice(-LOG_LINES);
  const left = all.length - shown.length;
  return [
    style.dim(`  ── ${name} ${left > 0 ? `(the last ${shown.length} of ${all.length} lines) ` : ""}──`),
    ...shown.map((line) => `  ${line}`),
  ];
}

/** Progress, failures and summaries as text. Pure: strings in, strings out. */
import { readableDuration } from "../model/duration.ts";
import type { CallsNotRun, RunStats, Transition } from "../model/event.ts";
import type { NodeFailure } from "../model/failure.ts";
import { readableFrame } from "../model/source.ts";
import { cut, cutMiddle, type Part, spread, width } from "./columns.ts";
import { causes, headLine, userLines } from "./error.ts";
import { renderLog } from "./log_focus.ts";
import type { Progress } from "./progress.ts";
import type { Style } from "./style.ts";

/** A task that has printed nothing for so long is shown as silent, in milliseconds. */
const SILENT = 60_000;
/** The most calls that are named which have failed in the same way. */
const CALLS = 10;

/**
 * The live display: a line of counts, and the tasks that have been running longest. No line is wider than `columns`.
 *
 * @param left the milliseconds that the rest will take, if that is known.
 * @param silent the milliseconds for which a task has printed nothing, if that is known.
 */
export function renderProgress(
  progress: Progress,
  columns: number,
  lines: number,
  now: number,
  style: Style,
  left?: number,
  silent: (node: Transition) => number | undefined = () => undefined,
): string[] {
  const { running } = progress;
  const longest: Transition[] = [];
  for (const node of running.values()) if (longest.push(node) === lines) break;
  const rest = running.size - longest.length;
  return [
    counts(progress, columns, now, style, left),
    ...longest.map((node) => {
      const time = readableDuration(Math.max(0, now - node.time));
      const silence = silent(node) ?? 0;
      const word = silence < SILENT ? "" : `, no output for ${minutes(silence)}`;
      // A call that could not be told from others any more says less than its silence.
      const end = columns - 5 - time.length - word.length < 24 ? time : time + word;
      return spread(
        [["  ▸ ", style.dim], [cutMiddle(node.call, columns - 5 - end.length)], [` ${end}`, style.dim]],
        columns,
      );
    }),
    ...(rest > 0 ? [spread([[`  and ${rest} more`, style.dim]], columns)] : []),
  ];
}

/** Whole minutes, or hours and minutes. */
function minutes(millis: number): string {
  const whole = Math.floor(millis / 60_000);
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

/** How far the run is: a bar where there is room, and numbers. */
function counts(
  progress: Progress,
  columns: number,
  now: number,
  style: Style,
  left: number | undefined,
): string {
  const done = progress.ran + progress.upToDate + progress.skipped + progress.failed;
  const { failed, ran, upToDate, skipped } = progress;
  const elapsed = readableDuration(Math.max(0, now - progress.started));
  // In the order in which they stand; the lower the rank, the later a part gives way. None is cut: `1…` would be a lie.
  const parts: readonly (readonly [rank: number, shown: boolean, part: Part])[] = [
    [0, true, [`${done}/${progress.nodes}`]],
    [1, failed > 0, [` · ${failed} failed`, style.bad]],
    [3, true, [` · ${ran} ran`]],
    [5, upToDate > 0, [` · ${upToDate} up to date`]],
    [6, skipped > 0, [` · ${skipped} skipped`]],
    [4, true, [` · ${elapsed}`]],
    [2, left !== undefined, [` · ${roughly(left ?? 0)} left`]],
  ];
  let room = columns;
  const fitting = new Set<Part>();
  for (const [, , part] of parts.filter(([, shown]) => shown).sort(([a], [b]) => a - b)) {
    if (fitting.size > 0 && width(part[0]) > room) continue;
    fitting.add(part);
    room -= width(part[0]);
  }
  const numbers = parts.map(([, , part]) => part).filter((part) => fitting.has(part));
  // In steps, so that it does not tremble when a number grows.
  const bar = Math.min(30, Math.floor((room - 1) / 5) * 5);
  if (bar < 10) return spread(numbers, columns);
  const filled = progress.nodes === 0 ? 0 : Math.min(bar, Math.floor((bar * done) / progress.nodes));
  return spread(
    [["█".repeat(filled), style.good], ["░".repeat(bar - filled), style.dim], [" "], ...numbers],
    columns,
  );
}

/** A length of time as good as a guess is: `~45s`, `~2m`, `~3h`. */
function roughly(millis: number): string {
  const seconds = Math.ceil(millis / 1_000);
  if (seconds < 60) return `~${Math.max(1, seconds)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `~${minutes}m`;
  return `~${Math.round(minutes / 60)}h`;
}

/** What is said of a task that has ended; within `columns`, if there are such. */
export function renderTask(
  verb: string,
  call: string,
  millis: number,
  why: string,
  columns: number | undefined,
): string {
  const time = readableDuration(Math.max(0, millis));
  const end = ` ${time}${why === "" ? "" : ` (${why})`}`;
  if (columns === undefined) return cut(`${verb} ${call}${end}`, Infinity);
  // The call gives way to the cause, as far as it is still to be recognised.
  const room = Math.max(24, columns - verb.length - 1 - width(end));
  return spread([[`${verb} `], [cutMiddle(call, room)], [end]], columns);
}

/** The line at the end of a run. */
export function renderSummary(stats: RunStats, style: Style): string {
  const { notRun, cancelled = false } = stats;
  const ok = stats.failed === 0 && notRun === 0 && !cancelled;
  const parts = [
    `ran ${stats.ran}`,
    `up to date ${stats.upToDate}`,
    stats.failed > 0 ? style.bad(`failed ${stats.failed}`) : `failed ${stats.failed}`,
    `skipped ${stats.skipped}`,
    ...(stats.leftOut === undefined || stats.leftOut === 0 ? [] : [`left out ${stats.leftOut}`]),
    ...(notRun > 0 ? [`${cancelled ? "cancelled" : "not run"} ${notRun}`] : []),
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

/** The calls that were not run, each with why; within `columns`, if there are such. */
export function renderNotRun({ count, calls }: CallsNotRun, columns = Infinity): string {
  const lines = calls.map(({ call, why }) => {
    const room = Math.max(24, columns - width(`not run : ${why}`));
    return spread([["not run "], [cutMiddle(call, room)], [`: ${why}`]], columns);
  });
  if (count > calls.length) lines.push(`and ${count - calls.length} more were not run`);
  return lines.join("\n");
}

/** What a failure is shown with. */
export interface FailureOptions {
  /** The whole log instead of what matters in it. */
  readonly fullLog?: boolean;
  /** The command that runs just this task again. */
  readonly again?: string | undefined;
  /** Calls that have failed in the same way, with the same words. */
  readonly others?: readonly NodeFailure[];
}

/** A failure, once, with everything that helps. */
export function renderFailure(failure: NodeFailure, style: Style, options: FailureOptions = {}): string {
  const { error, reason, attempts } = failure;
  const { others = [] } = options;
  const tries = attempts > 1 ? `, after ${attempts} attempts` : "";
  const kind = reason === "error" ? "" : ` (${reason})`;
  const what = others.length === 0 ? failure.call : `${others.length + 1} calls`;
  const lines = [
    `${style.bad("✗ failed")} ${style.strong(what)}${kind}${tries}`,
    `  ${headLine(error, style)}`,
  ];
  if (failure.notAgain !== undefined) lines.push(`  not tried again: ${failure.notAgain}`);
  const frames = reason === "timeout" || reason === "crash" ? [] : userLines(error.stack);
  // Where one of several calls is defined is no news.
  if (others.length > 0) lines.push(...named([failure, ...others]));
  else if (frames.length > 0) lines.push(...frames.map((frame) => style.dim(`    ${frame}`)));
  else if (failure.at !== undefined) lines.push(style.dim(`    at ${readableFrame(failure.at)}`));
  lines.push(...causes(error, style));
  if (failure.before !== undefined) {
    const { error, files } = failure.before;
    lines.push(`  the attempt before: ${headLine(error, style)}`);
    lines.push(...userLines(error.stack).slice(0, 1).map((frame) => style.dim(`    ${frame}`)));
    for (const file of files) lines.push(style.dim(`    log: ${file}`));
  }
  const { stdout, stderr, files } = failure.output;
  const focus = { ignore: failure.logIgnore ?? [], full: options.fullLog ?? false };
  lines.push(...renderLog("stdout", stdout, style, focus), ...renderLog("stderr", stderr, style, focus));
  for (const file of files) lines.push(style.dim(`  log: ${file}`));
  if (failure.directory !== undefined) lines.push(style.dim(`  kept: ${failure.directory}`));
  if (failure.where !== undefined) lines.push(`  sent: ${failure.where}`);
  if (options.again !== undefined) {
    lines.push(`  ${others.length === 0 ? "rerun" : "rerun the first"}: ${options.again}`);
  }
  return lines.join("\n");
}

/** The calls of failures, a line for each of the first. */
function named(failures: readonly NodeFailure[]): string[] {
  const more = failures.length - CALLS;
  return [
    "  the calls:",
    ...failures.slice(0, CALLS).map(({ call }) => `    ${call}`),
    ...(more > 0 ? [`    and ${more} more (--json tells all)`] : []),
  ];
}

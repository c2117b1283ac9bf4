/** Progress, failures and summaries as text. Pure: strings in, strings out. */
import { readableDuration } from "../model/duration.ts";
import type { RunStats } from "../model/event.ts";
import type { NodeFailure } from "../model/failure.ts";
import { isOwnModule, isRuntimeModule, readableFrame, stackFrames } from "../model/source.ts";
import type { Progress } from "./progress.ts";
import type { Style } from "./style.ts";

/** The most lines of a log that a failure shows; the file has all of them. */
const LOG_LINES = 40;

/** The live display: a line of counts, and the tasks that have been running longest. */
export function renderProgress(
  progress: Progress,
  columns: number,
  lines: number,
  now: number,
  style: Style,
): string[] {
  const done = progress.ran + progress.upToDate + progress.failed;
  const counts = [
    `${done}/${progress.nodes}`,
    `${progress.ran} ran`,
    ...(progress.upToDate > 0 ? [`${progress.upToDate} up to date`] : []),
    ...(progress.failed > 0 ? [style.bad(`${progress.failed} failed`)] : []),
    readableDuration(now - progress.started),
  ].join(" · ");
  const width = Math.max(5, Math.min(30, columns - 60));
  const filled = progress.nodes === 0 ? 0 : Math.round((width * done) / progress.nodes);
  const bar = columns >= 70
    ? `${style.good("█".repeat(filled))}${style.dim("░".repeat(width - filled))} `
    : "";
  const longest = [...progress.running.values()].slice(0, lines);
  const running = longest.map(({ call, since }) =>
    `  ${style.dim("▸")} ${cut(call(), columns - 16)} ${style.dim(readableDuration(now - since))}`
  );
  const rest = progress.running.size - longest.length;
  return [bar + counts, ...running, ...(rest > 0 ? [style.dim(`  and ${rest} more`)] : [])];
}

/** A text within a number of columns. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(1, columns - 1))}…`;
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
    `  ${style.bad(error.name)}: ${error.message.replaceAll("\n", "\n  ")}`,
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

/** The lines of a stack that are the user's. */
function userLines(stack: string | undefined): string[] {
  const lines = (stack ?? "").split("\n").filter((line) => {
    const [frame] = stackFrames(line);
    return frame !== undefined && !isOwnModule(frame.module) && !isRuntimeModule(frame.module);
  });
  return lines.slice(0, 8).map((line) => line.trim().replaceAll("file://", ""));
}

/** What an error says it was caused by. */
function causes(error: Error, style: Style): string[] {
  const lines: string[] = [];
  let cause = error.cause;
  for (let depth = 0; cause !== undefined && depth < 5; depth++) {
    lines.push(`  caused by ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`);
    if (!(cause instanceof Error)) break;
    lines.push(...userLines(cause.stack).slice(0, 1).map((line) => style.dim(`    ${line}`)));
    cause = cause.cause;
  }
  return lines;
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

/** Options of a run that make no sense are refused before anything happens. */
import { DefinitionError, type Issue } from "../model/failure.ts";
import { milliseconds } from "../model/duration.ts";
import { readable } from "../model/readable.ts";
import { didYouMean, unknownName } from "../model/suggest.ts";
import { PLACE_SHAPES, placeProblems } from "./check_places.ts";
import type { Reporter, RunOptions } from "./options.ts";

const OPTIONS = [
  "cache",
  "workers",
  "parallel",
  "onFailure",
  "maxFailures",
  "keepFailed",
  "force",
  "state",
  "signal",
  "kill",
  "reporter",
  "onTransition",
  "params",
  "separator",
  "allowMissingDeps",
  "inputsIgnore",
  "schedule",
  "timeout",
  "only",
  "omit",
  "until",
  "from",
  "history",
  "command",
  "args",
  "typedParams",
  "resumes",
  ...PLACE_SHAPES.map(([name]) => name),
];

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isTexts = (value: unknown): boolean => isText(value) || Array.isArray(value) && value.every(isText);
const isCache = (value: unknown): boolean =>
  isText(value) || typeof value === "object" && isText((value as { readonly path?: unknown } | null)?.path);

/** Options that are one of a few things, with how to say which. */
const SHAPES: readonly (readonly [name: keyof RunOptions, is: string, fits: (value: unknown) => boolean])[] =
  [
    ["cache", 'a path, "memory", "none", or { path, readOnly }', isCache],
    ["state", "a path", isText],
    ["workers", "a whole number from 1 up", (value) => Number.isInteger(value) && (value as number) > 0],
    ["parallel", "a whole number from 1 up", (value) => Number.isInteger(value) && (value as number) > 0],
    [
      "onFailure",
      '"stop", "keep-going" or "kill"',
      (value) => ["stop", "keep-going", "kill"].includes(value as string),
    ],
    ["maxFailures", "a whole number from 1 up", (value) => Number.isInteger(value) && (value as number) > 0],
    [
      "keepFailed",
      "true, false or a whole number from 1 up",
      (value) => typeof value === "boolean" || Number.isInteger(value) && (value as number) > 0,
    ],
    ["schedule", '"critical-path" or "fifo"', (value) => ["critical-path", "fifo"].includes(value as string)],
    ["separator", "a text that is not empty", isText],
    ["allowMissingDeps", "true or false", (value) => typeof value === "boolean"],
    ["inputsIgnore", "a path or glob, or a list of them", isTexts],
    [
      "force",
      "true, false or a list of names",
      (value) => typeof value === "boolean" || Array.isArray(value) && isTexts(value),
    ],
    ["only", "a name or a list of names", isTexts],
    ["omit", "a name or a list of names", isTexts],
    ["until", "a name or a list of names", isTexts],
    ["from", "a name or a list of names", isTexts],
    ["command", "a text", (value) => typeof value === "string"],
    ["args", "a list of texts", (value) => Array.isArray(value)],
    ["typedParams", "a list of texts", (value) => Array.isArray(value) && value.every(isText)],
    ["resumes", "the id of a run", isText],
    ...PLACE_SHAPES,
    ["history", "true, false or a path", (value) => typeof value === "boolean" || isText(value)],
    [
      "params",
      "a record",
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    ],
  ];

/**
 * Refuses options that make no sense, all at once.
 *
 * @throws {DefinitionError} with everything that is wrong.
 */
export function checkOptions(options: RunOptions): void {
  const issues: Issue[] = [];
  const refuse = (problem: string) => issues.push({ kind: "bad-option", problem });
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) refuse(`run() has no option "${name}"${didYouMean(name, OPTIONS)}`);
  }
  for (const [name, is, fits] of SHAPES) {
    const value = options[name];
    if (value !== undefined && !fits(value)) refuse(`\`${name}\` is ${is}, not ${readable(value)}`);
  }
  const { cache, maxFailures, onFailure = "keep-going" } = options;
  if (maxFailures !== undefined && ["stop", "kill"].includes(onFailure)) {
    refuse(`\`maxFailures\` goes with onFailure: "keep-going"; "${onFailure}" acts on the first failure`);
  }
  if (typeof cache === "object" && cache !== null) {
    const unknown = unknownName("cache", cache, ["path", "readOnly"]);
    if (unknown !== undefined) refuse(unknown);
  }
  for (const problem of placeProblems(options)) refuse(problem);
  try {
    if (options.timeout !== undefined) milliseconds(options.timeout);
  } catch (error) {
    refuse(`\`timeout\`: ${(error as Error).message}`);
  }
  const reporters = options.reporter === undefined ? [] : [options.reporter].flat();
  if (reporters.some((one) => typeof (one as Partial<Reporter>)?.handle !== "function")) {
    refuse("`reporter` is an object with a method handle(event), or a list of such");
  }
  if (issues.length > 0) throw new DefinitionError(issues);
}

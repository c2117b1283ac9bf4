/** What a pipeline says of how it wants to be run: `export const settings`. The command line comes before it. */
import type { RunOptions } from "../engine/options.ts";
import type { Duration } from "../model/duration.ts";
import { DefinitionError } from "../model/failure.ts";
import { readable } from "../model/readable.ts";
import { readableModule } from "../model/source.ts";
import { didYouMean } from "../model/suggest.ts";
import { DEFAULT_CACHE } from "../wire.ts";
import type { Pipeline } from "./pipeline.ts";
import { PLACE_SHAPES } from "../engine/check_places.ts";

const whole = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
const isFolder = (value: unknown): boolean => typeof value === "string" && value !== "";
const isPlace = (value: unknown): boolean =>
  typeof value === "object" && value !== null && isFolder((value as { path?: unknown }).path);

const PLACE_SETTINGS = Object.fromEntries(PLACE_SHAPES.map(([name, is, fits]) => [name, { is, fits }]));

/** What a setting may be, in words and as a test. */
const SETTINGS: Readonly<
  Record<string, { readonly is: string; readonly fits: (value: unknown) => boolean }>
> = {
  cache: { is: 'a folder, "memory" or "none"', fits: (value) => isFolder(value) || isPlace(value) },
  workers: { is: "a whole number from 1 up", fits: whole },
  parallel: { is: "a whole number from 1 up", fits: whole },
  separator: { is: "the text between the placeholders of names", fits: isFolder },
  params: {
    is: "a record",
    fits: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
  allowMissingDeps: { is: "true or false", fits: (value) => typeof value === "boolean" },
  inputsIgnore: {
    is: "a path or glob, or a list of them",
    fits: (value) => isFolder(value) || Array.isArray(value) && value.every(isFolder),
  },
  schedule: {
    is: '"critical-path" or "fifo"',
    fits: (value) => value === "critical-path" || value === "fifo",
  },
  timeout: { is: 'a duration, as in "10m"', fits: (value) => typeof value === "number" || isFolder(value) },
  watchDebounce: {
    is: 'a duration, as in "300ms"',
    fits: (value) => typeof value === "number" && value >= 0 || isFolder(value),
  },
  history: { is: "true, false or a path", fits: (value) => typeof value === "boolean" || isFolder(value) },
  state: { is: "a folder", fits: isFolder },
  force: {
    is: "true, false or a list of names",
    fits: (value) => typeof value === "boolean" || Array.isArray(value) && value.every(isFolder),
  },
  ...PLACE_SETTINGS,
  maxFailures: { is: "a whole number from 1 up", fits: whole },
  keepFailed: {
    is: "true, false or a whole number from 1 up",
    fits: (value) => typeof value === "boolean" || whole(value),
  },
  onFailure: {
    is: '"stop", "keep-going" or "kill"',
    fits: (value) => ["stop", "keep-going", "kill"].includes(value as string),
  },
};

/**
 * The settings of a pipeline.
 *
 * @throws {DefinitionError} with everything that is wrong with them.
 */
export function settingsOf(pipeline: Pipeline): RunOptions {
  const given = pipeline.exports["settings"];
  if (given === undefined) return {};
  const problems: string[] = [];
  if (typeof given !== "object" || given === null) problems.push("they are an object, as in { workers: 4 }");
  else {
    for (const [name, value] of Object.entries(given)) {
      const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
      if (setting === undefined) {
        const names = Object.keys(SETTINGS);
        const hint = didYouMean(name, names);
        problems.push(
          `there is no setting "${name}"${hint === "" ? `; there are ${names.join(", ")}` : hint}`,
        );
      } else if (!setting.fits(value)) problems.push(`"${name}" is ${setting.is}, not ${readable(value)}`);
    }
  }
  if (problems.length > 0) {
    const where = readableModule(pipeline.url);
    throw new DefinitionError(
      problems.map((problem) => ({ kind: "bad-option", problem: `settings of ${where}: ${problem}` })),
    );
  }
  // How long a watch rests is not the business of a single run.
  const { watchDebounce: _watchDebounce, ...settings } = given as RunOptions & {
    readonly watchDebounce?: Duration;
  };
  return settings;
}

/** How long a watch of the pipeline rests after a change, if its settings say so. */
export function debounceSetting({ exports }: Pipeline): Duration | undefined {
  return (exports["settings"] as { readonly watchDebounce?: Duration } | undefined)?.watchDebounce;
}

/** The folder of the cache: what the command line says, else the settings, else the default; nothing if it is no folder. */
export function cacheFolder(told: string | undefined, set: RunOptions["cache"]): string | undefined {
  const choice = told ?? set ?? DEFAULT_CACHE;
  const folder = typeof choice === "string" ? choice : choice.path;
  return folder === "memory" || folder === "none" ? undefined : folder;
}

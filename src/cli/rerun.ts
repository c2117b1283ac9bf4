/** The command that was given, and the one that runs just a failed call again. */
import type { NodeFailure } from "../model/failure.ts";
import type { Arguments } from "./arguments.ts";
import { RUN_OPTIONS } from "./run_options.ts";

/** The hidden first word of `run` when a run goes on with another: what that has done by force is not done again. */
export const RESUMES = "--resumes=";

/** The command line as a person would type it, where `runner` is typed as `program`. */
export function commandLine(args: readonly string[], program = "runner"): string {
  return [program, "run", ...args.map(quoted)].join(" ");
}

/** What was asked for. */
export interface Asked {
  /** The words behind `runner run`. */
  readonly args: readonly string[];
  /** The same, sorted, without `--force=…`. */
  readonly parsed: Arguments;
  /** The names of the tasks that can be targets. */
  readonly tasks: readonly string[];
  /** What is typed for `runner`. */
  readonly program: () => string;
}

/**
 * How to run a failed call again, where and as it ran: by its name where it has one, or its task and its input; else the command
 * that was given, which runs nothing but what has not succeeded.
 */
export function rerunCommand({ args, parsed, tasks, program }: Asked, failure: NodeFailure): string {
  return commandLine(rerunWords({ args, parsed, tasks }, failure), program());
}

/** The words of that command behind `runner run`. */
function rerunWords(
  { args, parsed, tasks }: Omit<Asked, "program">,
  failure: NodeFailure,
): readonly string[] {
  const [pipeline = "", ...targets] = parsed.words;
  const { call, task } = failure;
  const named = call === task && !task.includes("[") || task.includes("[") && !/[[*?]/.test(call);
  if (named) {
    return targets.length === 1 && targets[0] === call
      ? unforced(args)
      : [pipeline, call, ...settingWords(parsed)];
  }
  const fields = tasks.includes(task) ? fieldWords(failure.input) : undefined;
  if (fields === undefined) return unforced(args);
  return [pipeline, task, ...fields, ...settingWords(parsed)];
}

/** A command that forces nothing: what has failed runs anyhow, and what was done before it is not to be done again. */
function unforced(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.filter((arg, index) => !(end < 0 || index < end) || !/^--force(=|$)/.test(arg));
}

/** Options that are of other calls, or of how things are told: one call runs the same without them. */
const OF_THE_RUN: readonly string[] = [
  ...["only", "omit", "until", "from", "input", "force", "stop", "keep-going", "kill", "max-failures"],
  ...["watch", "debounce", "dry", "json", "quiet", "full-log", "help"],
];

/** All other options, as words of a command line. */
function settingWords({ values, lists, flags }: Arguments): string[] {
  const pairs = [
    ...Object.entries(values),
    ...Object.entries(lists).flatMap(([name, list]) => list.map((one) => [name, one] as const)),
  ].filter(([name]) => !OF_THE_RUN.includes(name));
  return [
    ...pairs.flatMap(([name, text]) => text.startsWith("-") ? [`--${name}=${text}`] : [`--${name}`, text]),
    ...[...flags].filter((name) => !OF_THE_RUN.includes(name)).map((name) => `--${name}`),
  ];
}

/** Options of `run`: a field of such a name would be taken for it. */
const OPTIONS: readonly string[] = [...RUN_OPTIONS.values, ...RUN_OPTIONS.lists, ...RUN_OPTIONS.flags];

/** An input as words of the command line: field by field, or as JSON; nothing where that would be another input. */
function fieldWords(input: unknown): string[] | undefined {
  if (!isRecord(input) || !isJson(input)) return undefined;
  const entries = Object.entries(input);
  const plain = entries.every(([name, value]) =>
    /^[A-Za-z_$][\w$]*$/.test(name) && !OPTIONS.includes(name) && isPlain(value)
  );
  return plain
    ? entries.flatMap(([name, value]) => [`--${name}`, String(value)])
    : ["--input", JSON.stringify(input)];
}

/** Whether the text of a value is read as that value, whatever is known of its field. */
function isPlain(value: unknown): boolean {
  if (typeof value === "number" || typeof value === "boolean") return true;
  if (typeof value !== "string" || value === "" || value.startsWith("-")) return false;
  try {
    JSON.parse(value);
    return false;
  } catch {
    return true;
  }
}

/** Whether JSON can say a value. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (Array.isArray(value)) return Array.from(value as unknown[]).every(isJson);
  return isRecord(value) && Object.values(value).every(isJson);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

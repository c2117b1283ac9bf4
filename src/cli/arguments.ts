/** Reading the arguments of a command: own options, the pipeline, targets, and fields for the targets' input. */
import { DefinitionError } from "../model/failure.ts";
import { nearest } from "../model/suggest.ts";
import { parseArgs } from "../std.ts";

/** The options of a command. */
export interface OptionNames {
  /** Options that take a value. */
  readonly values: readonly string[];
  /** Options that take a value and may be given several times, or several values with commas. */
  readonly lists?: readonly string[];
  /** Options that take none. */
  readonly flags: readonly string[];
}

/** Arguments, sorted. */
export interface Arguments {
  /** What is no option, in order. */
  readonly words: readonly string[];
  /** Own options that take a value. */
  readonly values: Readonly<Record<string, string>>;
  /** Own options that may be given several times. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** Own options that are set. */
  readonly flags: ReadonlySet<string>;
  /** Everything else that looked like an option: fields, as they were written; "" when there was no value. */
  readonly fields: ReadonlyMap<string, string>;
  /** The fields that stood after `--`. */
  readonly meant: ReadonlySet<string>;
  /** The command's own options. */
  readonly own: readonly string[];
}

/** The error of a wrong argument. */
export function usage(problem: string): DefinitionError {
  return new DefinitionError([{ kind: "bad-option", problem }]);
}

/**
 * Sorts arguments.
 *
 * @throws {DefinitionError} when an own option lacks its value, or has one and takes none.
 */
export function readArguments(args: readonly string[], own: OptionNames): Arguments {
  const end = args.indexOf("--");
  const [before, after] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  for (const arg of before) {
    const name = /^--([^=]+)=/.exec(arg)?.[1];
    if (name !== undefined && own.flags.includes(name)) {
      throw usage(`--${name} takes no value: say --${name}, or leave it out, not ${arg}`);
    }
  }
  const parsed = parse(before.map((arg) => arg === "-h" ? "--help" : arg), own);
  const values: Record<string, string> = {};
  const lists: Record<string, readonly string[]> = {};
  const flags = new Set<string>();
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "_" || value === undefined || value === false) continue;
    if (own.values.includes(name)) {
      if (value === "") throw usage(`--${name} needs a value, as in --${name} ${EXAMPLES[name] ?? "…"}`);
      values[name] = String(value);
    } else if (own.lists?.includes(name)) {
      const given = (value as unknown as readonly string[]).flatMap((one) =>
        // What stands behind a name and = may hold commas; names do not.
        WHOLE.includes(name) ? [one] : one.split(",")
      );
      if (given.length === 0) continue;
      if (given.includes("")) {
        throw usage(`--${name} needs a value, as in --${name} ${EXAMPLES[name] ?? "…"}`);
      }
      lists[name] = given;
    } else if (own.flags.includes(name)) flags.add(name);
    else fields.set(name, fieldText(name, value));
  }
  const meant = new Set<string>();
  const { _: stray, ...rest } = parse(after, { values: [], flags: [] });
  if (stray.length > 0) {
    throw usage(`"${stray[0]}" stands after --, where only fields may stand: --name value`);
  }
  for (const [name, value] of Object.entries(rest)) {
    fields.set(name, fieldText(name, value));
    meant.add(name);
  }
  return {
    words: parsed._.map(String),
    values,
    lists,
    flags,
    fields,
    meant,
    own: [...own.values, ...own.lists ?? [], ...own.flags],
  };
}

/** Lists of `name=value`. */
const WHOLE: readonly string[] = ["param", "prefix", "override"];

/**
 * Parts `name=text`.
 *
 * @throws {DefinitionError} when there is no name, or no `=`.
 */
export function nameAndText(option: string, pair: string, form: string): [name: string, text: string] {
  const at = pair.indexOf("=");
  if (at < 1) throw usage(`--${option} takes ${form}, not "${pair}"`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

const EXAMPLES: Readonly<Record<string, string>> = {
  cache: "./cache",
  state: ".runner",
  param: "env=prod",
  limit: "gpu=2",
  "shared-limit": "licence=3",
  prefix: "gpu='srun --gres=gpu:1'",
  capacity: "mem=16g",
  pool: "io=16",
  override: 'train=\'{ "timeout": "2h" }\'',
  only: "build",
  omit: "build",
  until: "build",
  from: "build",
  timeout: "10m",
  "max-failures": "3",
  workers: "4",
  parallel: "4",
  input: "'{ \"n\": 3 }'",
};

/** The text of a field; one with a dot in its name comes as an object. */
function fieldText(name: string, value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const [inner] = Object.keys(value);
  throw usage(
    `--${name}.${inner} is no field; give the whole of "${name}" as JSON: --${name} '{ "${inner}": … }'`,
  );
}

/** All flags that are not own ones are read as text: "007" stays what it is. */
function parse(args: readonly string[], own: OptionNames): ReturnType<typeof parseArgs> {
  const named = args.map((arg) => /^--([A-Za-z_$][\w$.-]*)/.exec(arg)?.[1]).filter((name) =>
    name !== undefined
  );
  const texts = [...new Set([...named, ...own.values, ...own.lists ?? []])].filter((name) =>
    !own.flags.includes(name)
  );
  // A negative number after a field is its value, not an option.
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    if (/^-\d/.test(arg) && last !== undefined && /^--[A-Za-z_$][\w$.-]*$/.test(last)) {
      joined[joined.length - 1] = `${last}=${arg}`;
    } else joined.push(arg);
  }
  return parseArgs(joined, { string: [...texts, "_"], boolean: own.flags, collect: own.lists ?? [] });
}

/**
 * Refuses fields where there is nothing they could belong to.
 *
 * @throws {DefinitionError} with the nearest option.
 */
export function refuseFields({ fields, own }: Arguments): void {
  const [first] = fields.keys();
  if (first === undefined) return;
  const near = nearest(first, own);
  throw usage(`There is no option --${first}${near === undefined ? "" : `; did you mean --${near}?`}`);
}

/**
 * Reads a whole number from 1 up.
 *
 * @throws {DefinitionError} when it is none.
 */
export function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw usage(`--${name} takes a whole number from 1 up, not "${text}"`);
  return Number(text);
}

/** Checks what `task()` was given, and makes the definition of it. */
import { TASK } from "./brand.ts";
import { choicesProblem } from "./choices.ts";
import {
  type Definition,
  type FieldRule,
  NO_FAILURES,
  type ReverseDependency,
  type StandardSchema,
} from "./definition.ts";
import { DefinitionError } from "./failure.ts";
import type { Trigger } from "./files.ts";
import { isFuture } from "./future.ts";
import { nameProblem, placeholders } from "./name.ts";
import { readable } from "./readable.ts";
import { type RetryPolicy, retryRule } from "./retry.ts";
import { declaredPermissions } from "./permissions.ts";
import { readResources, type ResourcesOption } from "./resources.ts";
import { fileRules, reverseDependency } from "./rules.ts";
import type { SourceFrame } from "./source.ts";
import { didYouMean } from "./suggest.ts";
import { NO_TIMEOUT, readTimeouts } from "./timeout.ts";

/** Options before they are checked: whoever writes JavaScript may give anything. */
type Given = Readonly<Record<string, unknown>>;

/** Says what is wrong with an option. */
type Refuse = (problem: string) => never;

const FIELD_TYPES = ["string", "number", "integer", "boolean", "bigint"];

/** What an option may be, in words and as a test, where that is all there is to it. */
const PLAIN: Readonly<Record<string, { readonly is: string; readonly fits: (value: unknown) => boolean }>> = {
  description: { is: "a text", fits: isText },
  version: { is: "a text or a number", fits: (value) => isText(value) || typeof value === "number" },
  env: { is: "a list of texts", fits: (value) => Array.isArray(value) && value.every(isName) },
  labels: { is: "a text or a list of texts", fits: isNames },
  locks: { is: "a text or a list of texts", fits: isNames },
  wave: { is: "a whole number", fits: Number.isSafeInteger },
  priority: { is: "a number", fits: Number.isFinite },
  noSkip: { is: "true or false", fits: isFlag },
  cache: { is: "true or false", fits: isFlag },
  trackImports: { is: "true or false", fits: isFlag },
  hermetic: { is: "true or false", fits: isFlag },
  trigger: {
    is: '"content", "mtime", "both" or "exists"',
    fits: (value) => ["content", "mtime", "both", "exists"].includes(value as Trigger),
  },
  isolation: {
    is: '"worker", "process", "sandbox" or "inline"',
    fits: (value) => ["worker", "process", "sandbox", "inline"].includes(value as string),
  },
  compression: {
    is: "a gzip level from 0 to 9",
    fits: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 9,
  },
  logIgnore: {
    is: "a regular expression or a list of them",
    fits: (value) => many(value).every((one) => one instanceof RegExp),
  },
};

/** All options. */
const OPTIONS: readonly string[] = [
  "run",
  "deps",
  "rdeps",
  "fields",
  "choices",
  "inputs",
  "outputs",
  "inputsIgnore",
  "timeout",
  "retry",
  "resources",
  "permissions",
  ...Object.keys(PLAIN),
];

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isNames(value: unknown): boolean {
  return isName(value) || Array.isArray(value) && value.every(isName);
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** One, a list of them, or none as a list. */
function many<Item>(value: unknown): readonly Item[] {
  return value === undefined ? [] : (Array.isArray(value) ? value : [value]) as readonly Item[];
}

/**
 * Makes a definition.
 *
 * @throws {DefinitionError} naming the option that is wrong.
 */
export function define(name: string, how: unknown, frames: readonly SourceFrame[]): Definition {
  const at = frames[0];
  const refuse: Refuse = (problem) => {
    throw new DefinitionError([{ kind: "bad-task", task: String(name), problem, ...(at && { at }) }]);
  };
  const problem = nameProblem(name);
  if (problem !== undefined) refuse(problem);
  const options = (typeof how === "function" ? { run: how } : how) as Given;
  if (typeof options !== "object" || options === null || typeof options["run"] !== "function") {
    refuse("it needs a function: task(name, (input, ctx) => …) or task(name, { run: (input, ctx) => …, … })");
  }
  for (const option of Object.keys(options)) {
    if (OPTIONS.includes(option)) continue;
    refuse(
      `it has no option "${option}"${didYouMean(option, OPTIONS) || `; there are ${OPTIONS.join(", ")}`}`,
    );
  }
  for (const [option, { is, fits }] of Object.entries(PLAIN)) {
    const value = options[option];
    if (value !== undefined && !fits(value)) refuse(`\`${option}\` is ${is}, not ${readable(value)}`);
  }
  const { fields, schema } = fieldRules(name, options["fields"], refuse);
  if (options["choices"] !== undefined && typeof options["choices"] !== "function") {
    const wrong = choicesProblem({ name, fields, schema }, options["choices"]);
    if (wrong !== undefined) refuse(wrong);
  }
  const { description = "", version, noSkip = false, cache = true, wave = 0, priority = 0 } = options;
  const { hermetic = false, compression = 1 } = options;
  const permissions = declaredPermissions(options);
  if (typeof permissions === "string") return refuse(permissions);
  const { isolation = permissions !== undefined || hermetic ? "sandbox" : "worker" } = options;
  return {
    name,
    frames,
    run: options["run"] as Definition["run"],
    deps: dependencies(name, schema, options["deps"], refuse),
    rdeps: reverse(name, schema, options["rdeps"], refuse),
    fields,
    schema,
    choices: options["choices"] as Definition["choices"],
    locks: [...new Set(many<string>(options["locks"]))].sort(),
    wave: wave as number,
    priority: priority as number,
    noSkip: noSkip as boolean,
    files: fileRules(options as Parameters<typeof fileRules>[0], refuse),
    logIgnore: many<RegExp>(options["logIgnore"]),
    description: description as string,
    version: version === undefined ? undefined : String(version),
    env: [...new Set(many<string>(options["env"]))].sort(),
    labels: [...new Set([name, ...many<string>(options["labels"])])],
    timeout: read("timeout", () => ({ ...NO_TIMEOUT, ...readTimeouts(options["timeout"] as number) })),
    retry: read("retry", () => retryRule(options["retry"] as RetryPolicy | undefined)),
    resources: read("resources", () => resourceRule(options["resources"])),
    isolation: isolation as Definition["isolation"],
    permissions,
    hermetic: hermetic as boolean,
    compression: compression as number,
    cache: cache as boolean,
  };

  function read<Value>(option: string, reading: () => Value): Value {
    try {
      return reading();
    } catch (error) {
      const { message } = error as Error;
      return refuse(message.includes(`\`${option}`) ? message : `\`${option}\`: ${message}`);
    }
  }
}

/** What `resources` says: amounts that are read now, or a function that is asked for each attempt. */
function resourceRule(given: unknown): Definition["resources"] {
  if (given === undefined || typeof given === "function") return given as Definition["resources"];
  return readResources(given as ResourcesOption);
}

/** What `fields` declares. */
function fieldRules(name: string, given: unknown, refuse: Refuse): Pick<Definition, "fields" | "schema"> {
  if (given === undefined) return { fields: {}, schema: undefined };
  if (isSchema(given)) return { fields: {}, schema: given };
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    refuse(
      `\`fields\` is a record of types by field, as in { n: "number" }, or a schema, not ${readable(given)}`,
    );
  }
  const template = placeholders(name);
  const fields: Record<string, FieldRule> = {};
  for (const [field, rule] of Object.entries(given as Given)) {
    if (template.length > 0 && !template.includes(field)) {
      refuse(
        `\`fields\` has a field for which the name has no placeholder, "${field}"${
          didYouMean(field, template) || `; it has ${template.join(", ")}`
        }`,
      );
    }
    if (isSchema(rule)) fields[field] = { type: undefined, schema: rule };
    else if (FIELD_TYPES.includes(rule as string)) {
      fields[field] = { type: rule as NonNullable<FieldRule["type"]>, schema: undefined };
    } else {
      refuse(
        `\`fields.${field}\` is "${FIELD_TYPES.slice(0, -1).join('", "')}" or "${
          FIELD_TYPES.at(-1)
        }", or a schema (of zod, valibot, arktype or others of Standard Schema), not ${readable(rule)}${
          typeof rule === "string" ? didYouMean(rule, FIELD_TYPES) : ""
        }`,
      );
    }
  }
  return { fields, schema: undefined };
}

/** Whether a value is a schema of the Standard Schema interface; those of arktype are functions. */
function isSchema(value: unknown): value is StandardSchema {
  if (value === null || typeof value !== "object" && typeof value !== "function") return false;
  const standard = (value as Partial<StandardSchema>)["~standard"];
  return typeof standard?.validate === "function";
}

/** What `deps` says. */
function dependencies(
  name: string,
  schema: Definition["schema"],
  given: unknown,
  refuse: Refuse,
): Definition["deps"] {
  if (given === undefined) return undefined;
  if (isTask(given)) {
    return refuse("`deps` is a task: call it and put it in a record or list, as in [load()]");
  }
  if (typeof given === "function") return given as NonNullable<Definition["deps"]>;
  if (!Array.isArray(given)) {
    return refuse(
      `\`deps\` is a function of the input, as in ({ n }) => ({ data: load({ n }) }), or a list of names, calls, NO_FAILURES and functions, not ${
        readable(given)
      }`,
    );
  }
  const list = given as readonly unknown[];
  list.forEach((one, index) => {
    const which = `\`deps[${index}]\``;
    if (typeof one === "string" && one !== "") checkPattern(name, schema, one, which, refuse);
    else if (isTask(one)) {
      refuse(`${which} is the task "${one.taskName}" itself: call it, or name it, as in ["${one.taskName}"]`);
    } else if (one !== NO_FAILURES && !isFuture(one) && typeof one !== "function") {
      refuse(
        `${which} is a name, a pattern, a call, NO_FAILURES or a function of these, not ${readable(one)}`,
      );
    }
  });
  return [...list];
}

/** What `rdeps` says. */
function reverse(
  name: string,
  schema: Definition["schema"],
  given: unknown,
  refuse: Refuse,
): readonly ReverseDependency[] {
  return many<unknown>(given).map((one, index) => {
    const which = Array.isArray(given) ? `\`rdeps[${index}]\`` : "`rdeps`";
    if (isTask(one)) return refuse(`${which} is the task "${one.taskName}" itself: name it, or call it`);
    const made = reverseDependency(one);
    if (typeof made === "string") return refuse(`${which} ${made}`);
    if (typeof made.target === "string") checkPattern(name, schema, made.target, which, refuse);
    return made;
  });
}

/** The placeholders of a pattern are to be those of the task, as far as its fields are known. */
function checkPattern(
  name: string,
  schema: Definition["schema"],
  pattern: string,
  which: string,
  refuse: Refuse,
): void {
  const own = placeholders(name);
  if (own.length === 0 || schema !== undefined) return;
  const unknown = placeholders(pattern).find((field) => !own.includes(field));
  if (unknown === undefined) return;
  refuse(
    `${which} is "${pattern}", but the task's name has no placeholder [${unknown}]${
      didYouMean(unknown, own) || `; it has ${own.map((field) => `[${field}]`).join(", ")}`
    }`,
  );
}

/** Whether a value is a task, made by this or any other copy of the module. */
function isTask(value: unknown): value is { readonly taskName: string } {
  return typeof value === "function" && TASK in value;
}

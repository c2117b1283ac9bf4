/** The values that fields may have: which there are for the fields before, and whether a value is among them. */
import { link } from "./call.ts";
import type { Definition, FieldChoices } from "./definition.ts";
import { DefinitionError } from "./failure.ts";
import { checkValue } from "./field.ts";
import { placeholders } from "./name.ts";
import { readable } from "./readable.ts";
import { didYouMean } from "./suggest.ts";

/** The choices of several fields. */
type Choices = Readonly<Record<string, FieldChoices>>;

/** What choices are judged by. */
type Declared = Pick<Definition, "name" | "fields" | "schema">;

/** What is worked out once for a definition. */
export interface FieldPlan {
  /** All fields of which something is known: placeholders first, in their order. */
  readonly order: readonly string[];
  /** How many of them are placeholders. */
  readonly placeholders: number;
  /** The choices. */
  readonly choices: Choices;
}

const plans = new WeakMap<Definition, FieldPlan>();

/** Whether a task declares nothing of its input. */
export function isNothingDeclared({ schema, choices, fields }: Definition): boolean {
  if (schema !== undefined || choices !== undefined) return false;
  for (const _ in fields) return false;
  return true;
}

/**
 * What is known of a task's fields; a function that gives the choices is called once.
 *
 * @throws {DefinitionError} when that function fails.
 */
export function fieldPlan(task: Definition): FieldPlan {
  let plan = plans.get(task);
  if (plan === undefined) {
    const choices = typeof task.choices === "function" ? asked(task, task.choices) : task.choices ?? {};
    const template = placeholders(task.name);
    const order = new Set([...template, ...Object.keys(task.fields), ...Object.keys(choices)]);
    plans.set(task, plan = { order: [...order], placeholders: template.length, choices });
  }
  return plan;
}

/** What a function that gives the choices gives. */
function asked(task: Definition, choices: () => Choices): Choices {
  let given: Choices;
  try {
    given = choices();
  } catch (error) {
    return refuse(task, `its \`choices\` threw ${thrown(error)}`);
  }
  const problem = choicesProblem(task, given);
  return problem === undefined ? given : refuse(task, problem);
}

function refuse(task: Definition, problem: string): never {
  const at = task.frames[0];
  throw new DefinitionError([{ kind: "bad-task", task: task.name, problem, ...(at && { at }) }]);
}

function thrown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : readable(error);
}

/** What is wrong with choices, as far as can be seen without calling functions; or nothing. */
export function choicesProblem(task: Declared, choices: unknown): string | undefined {
  if (typeof choices !== "object" || choices === null || Array.isArray(choices)) {
    return `\`choices\` is a record of lists by field, as in { env: ["dev", "prod"] }, not ${
      readable(choices)
    }`;
  }
  const template = placeholders(task.name);
  const known = [...new Set([...template, ...Object.keys(task.fields)])];
  for (const [field, list] of Object.entries(choices)) {
    if (known.length > 0 && task.schema === undefined && !known.includes(field)) {
      return `\`choices\` has a field that the task does not have, "${field}"${
        didYouMean(field, known) || `; it has ${known.join(", ")}`
      }`;
    }
    if (typeof list === "function") continue;
    const problem = listProblem(task, field, list);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with the choices of one field, or nothing. */
function listProblem(task: Declared, field: string, list: unknown): string | undefined {
  if (!Array.isArray(list)) {
    return `\`choices.${field}\` is a list, or a function of the fields before it, not ${readable(list)}`;
  }
  const inName = placeholders(task.name).includes(field);
  const rule = Object.hasOwn(task.fields, field) ? task.fields[field] : undefined;
  for (const one of list as readonly unknown[]) {
    const holds = `\`choices.${field}\` holds ${readable(one)}`;
    if (inName && !["string", "number", "boolean", "bigint"].includes(typeof one)) {
      return `${holds}, which cannot stand in a name`;
    }
    if (rule?.type !== undefined) {
      const checked = checkValue(rule, one);
      if (checked.problem !== undefined) return `${holds}, but the field is declared: ${checked.problem}`;
    } else if (rule === undefined && inName && task.schema === undefined && typeof one !== "string") {
      return `${holds}, but the field is a text: declare it, as in fields: { ${field}: "${typeof one}" }`;
    }
  }
  return undefined;
}

/**
 * The values that a field may have.
 *
 * @param before the fields before it.
 * @throws {DefinitionError} when a function of the task fails.
 */
export function choicesOf(
  task: Definition,
  field: string,
  before: Readonly<Record<string, unknown>>,
): readonly unknown[] | undefined {
  const { choices } = fieldPlan(task);
  const list = Object.hasOwn(choices, field) ? choices[field] : undefined;
  if (typeof list !== "function") return list;
  let given: readonly unknown[];
  try {
    given = list({ ...before });
  } catch (error) {
    return refuse(task, `\`choices.${field}\` threw ${thrown(error)}`);
  }
  const problem = listProblem(task, field, given);
  return problem === undefined ? given : refuse(task, problem);
}

/** Lists as sets: there may be many calls for one list. */
const sets = new WeakMap<readonly unknown[], ReadonlySet<unknown>>();

/** What is wrong when a field has a value, given as any of `forms`, that is none of its choices; or nothing. */
export function amongChoices(
  task: Definition,
  field: string,
  before: Readonly<Record<string, unknown>>,
  forms: readonly unknown[],
): string | undefined {
  const list = choicesOf(task, field, before)!;
  let set = sets.get(list);
  if (set === undefined) sets.set(list, set = new Set(list));
  if (forms.some((form) => set.has(form))) return undefined;
  const bytes = forms.filter((form) => typeof form === "object" && form !== null).map(canonical);
  if (bytes.length > 0 && list.some((one) => bytes.includes(canonical(one)))) return undefined;
  if (list.length === 0) return "there is nothing that it may be, given the fields before it";
  const hint = typeof forms[0] === "string" && list.length > 1 ? didYouMean(forms[0], list.map(String)) : "";
  return `it takes ${listText(list)}${hint}`;
}

/** A value as text that is equal for equal values. */
function canonical(value: unknown): string {
  return link(value, { canonical: true, root: "choices" }).bytes.join();
}

/** `"a"`, `"a" or "b"`, `"a", "b" or "c"`; of long lists the beginning. */
export function listText(values: readonly unknown[], most = 20): string {
  const words = values.slice(0, most).map((value) => readable(value));
  if (values.length > most) return `${words.join(", ")}, … (${values.length} in all)`;
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

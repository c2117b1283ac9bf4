/** Commands with fields in braces, filled in for each job: `srun -c {cpu} --mem={mem:g}G`. Pure. */
import type { Job } from "../model/job.ts";
import { inUnit, type Resources } from "../model/resources.ts";
import { didYouMean } from "../model/suggest.ts";
import { shellOperator, splitWords } from "./words.ts";

/** A field of a template. */
interface Field {
  readonly name: string;
  /** `g` of `{mem:g}`. */
  readonly unit: string | undefined;
  /** As it was written. */
  readonly text: string;
}

/** A command, read: each word is texts and fields. */
export type Template = readonly (readonly (string | Field)[])[];

/** What is known of jobs before there are any. */
export interface KnownJob {
  readonly resources: Resources;
  /** The fields of the input; `undefined` while they are not known. */
  readonly inputFields: readonly string[] | undefined;
  readonly task: string;
  /** What asks for fields, in words. */
  readonly setting: string;
  /** Fields that only that setting knows. */
  readonly more?: readonly string[];
}

/** What fields are called that are no resources. */
const FIELDS = [
  "task",
  "call",
  "key",
  "key8",
  "attempt",
  "run",
  "label",
  "name",
  "folder",
  "cwd",
  "log.out",
  "log.err",
];
/** Units of bytes: of memory, and of whatever a task declares besides. */
const SIZES = ["k", "m", "g"];
/** Milliseconds. */
const TIMES: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
/** What a job has that asks for nothing. */
const DEFAULTS: Resources = { cpu: 1, gpu: 0 };

/**
 * Reads a command; a text is split as a shell would.
 *
 * @throws {RangeError} when it is empty, a brace or quote is not closed, a field has a unit that it cannot have, or it could only
 * mean something to a shell.
 */
export function readTemplate(command: string | readonly string[]): Template {
  const words = typeof command === "string" ? splitWords(command) : command;
  if (words.length === 0 || words[0] === "") throw new RangeError("there is no command");
  const operator = typeof command === "string" ? shellOperator(command) : undefined;
  if (operator !== undefined) {
    throw new RangeError(
      `${operator} means something to a shell, and there is none here: quote it if it is a word, or start a shell, as in ["sh", "-c", "first && exec \"$@\"", "sh"]`,
    );
  }
  return readWords(words);
}

/**
 * Reads words that are not a command of their own.
 *
 * @throws {RangeError} as `readTemplate` does.
 */
export function readWords(words: readonly string[]): Template {
  return words.map(readWord);
}

function readWord(word: string): (string | Field)[] {
  const parts: (string | Field)[] = [];
  let text = "";
  for (let at = 0; at < word.length; at++) {
    const character = word[at]!;
    const doubled = word[at + 1] === character;
    if (character === "}") {
      if (!doubled) {
        throw new RangeError(`a brace is closed that was not opened, in ${word}; }} stands for a brace`);
      }
      text += "}";
      at++;
    } else if (character !== "{") text += character;
    else if (doubled) {
      text += "{";
      at++;
    } else {
      const end = word.indexOf("}", at);
      if (end < 0) throw new RangeError(`a brace is not closed, in ${word}; {{ stands for a brace`);
      if (text !== "") parts.push(text);
      text = "";
      parts.push(readField(word.slice(at + 1, end)));
      at = end;
    }
  }
  if (text !== "" || parts.length === 0) parts.push(text);
  return parts;
}

function readField(text: string): Field {
  const [name, unit, ...more] = text.split(":") as [string, ...string[]];
  if (name === "" || /\s/.test(name) || more.length > 0) {
    throw new RangeError(`{${text}} is no field; {{ stands for a brace`);
  }
  const units = unitsOf(name);
  if (unit !== undefined && !units.includes(unit)) {
    throw new RangeError(
      units.length === 0
        ? `{${text}}: ${name} has no unit, write {${name}}`
        : `{${text}}: the unit of ${name} is ${units.join(", ")}, as in {${name}:${units.at(-1)}}`,
    );
  }
  return { name, unit, text };
}

/** The units that a field can have. */
function unitsOf(name: string): readonly string[] {
  if (name === "time") return Object.keys(TIMES);
  return FIELDS.includes(name) || name.includes(".") || Object.hasOwn(DEFAULTS, name) ? [] : SIZES;
}

/** Whether there is anything to be filled in. */
export function hasFields(template: Template): boolean {
  return template.some((parts) => parts.some((part) => typeof part !== "string"));
}

/** What is wrong with a template for jobs of some task. */
export function templateProblems(template: Template, known: KnownJob): readonly string[] {
  const fields = template.flat().filter((part): part is Field => typeof part !== "string");
  const problems = fields.flatMap((field) => {
    const problem = fieldProblem(field, known);
    return problem === undefined ? [] : [problem];
  });
  return [...new Set(problems)];
}

function fieldProblem(
  { name, text }: Field,
  { resources, inputFields, task, setting, more = [] }: KnownJob,
): string | undefined {
  const asks = `${setting} asks for {${text}}`;
  if (more.includes(name) || FIELDS.includes(name) || amountOf(resources, name) !== undefined) {
    return undefined;
  }
  if (name.startsWith("input.")) {
    const field = name.slice("input.".length);
    if (inputFields === undefined || inputFields.includes(field)) return undefined;
    return `${asks}, but the input of ${task} has no field "${field}"${
      didYouMean(field, inputFields) || (inputFields.length === 0 ? "" : `; it has ${inputFields.join(", ")}`)
    }`;
  }
  if (name === "mem" || name === "time") {
    return `${asks}, but ${task} declares no \`resources.${name}\`: say resources: { ${name}: ${
      name === "mem" ? '"4g"' : '"1h"'
    } }`;
  }
  const names = [
    ...new Set([...FIELDS, ...more, "cpu", "gpu", "mem", "time", ...Object.keys(resources), "input.<field>"]),
  ];
  const near = didYouMean(name, names);
  return `${asks}, and there is no such field${near === "" ? "; there" : `${near} There`} are ${
    names.join(", ")
  }, and whatever ${task} declares in \`resources\``;
}

/** How much of a resource is declared, or goes without saying: names come from users, so only what a record has of its own counts. */
function amountOf(resources: Resources, name: string): number | undefined {
  const declared = Object.hasOwn(resources, name) ? resources[name] : undefined;
  return declared ?? (Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name] : undefined);
}

/**
 * The command for a job, word by word: whatever a field holds, it stays within its word and is not read again.
 *
 * @param more fields that only whoever calls knows of.
 * @throws {RangeError} when the job does not have a field, or a value cannot stand in a command.
 */
export function fillTemplate(
  template: Template,
  job: Omit<Job, "command" | "size">,
  more: Readonly<Record<string, string>> = {},
): string[] {
  return template.map((parts) =>
    parts.map((part) => {
      if (typeof part === "string") return part;
      const value = (Object.hasOwn(more, part.name) ? more[part.name] : undefined) ?? valueOf(part, job);
      // The system would end the word there, or refuse to start anything.
      if (!value.includes("\0")) return value;
      throw new RangeError(
        `the command of label "${job.fields.label}" asks for {${part.text}}, and its value in this call of ${job.fields.task} holds a NUL character, which no command can`,
      );
    }).join("")
  );
}

function valueOf(field: Field, job: Omit<Job, "command" | "size">): string {
  const { name, unit } = field;
  const { fields, resources } = job;
  const own: Readonly<Record<string, string>> = {
    task: fields.task,
    call: fields.call ?? fields.task,
    key: fields.key,
    key8: fields.key.slice(0, 8),
    attempt: String(fields.attempt),
    run: fields.run,
    label: fields.label,
    name: job.name,
    folder: job.folder,
    cwd: job.cwd,
    "log.out": `${job.folder}/out.txt`,
    "log.err": `${job.folder}/err.txt`,
  };
  if (Object.hasOwn(own, name)) return own[name]!;
  const input = name.startsWith("input.") ? name.slice("input.".length) : undefined;
  if (input !== undefined && Object.hasOwn(fields.input, input)) return fields.input[input]!;
  const amount = amountOf(resources, name);
  if (amount !== undefined) return amountText(name, amount, unit);
  throw new RangeError(
    input === undefined
      ? fieldProblem(field, {
        resources,
        inputFields: undefined,
        task: fields.task,
        setting: `the command of label "${fields.label}"`,
      })!
      : `the command of label "${fields.label}" asks for {${name}}, and this call of ${fields.task} has no text, number or truth value there`,
  );
}

/** An amount: bytes in whole units, rounded up; time as a clock shows it, or in whole units. */
function amountText(name: string, amount: number, unit: string | undefined): string {
  if (name !== "time" && unit !== undefined) return String(inUnit(amount, unit as "k" | "m" | "g"));
  if (unit !== undefined) return String(Math.ceil(amount / TIMES[unit]!));
  if (name !== "time") return String(amount);
  const seconds = Math.ceil(amount / 1_000);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** What rules of dispatch may say, option by option: whatever is wrong with one is told before anything runs. Pure. */
import { milliseconds } from "../model/duration.ts";
import { readable } from "../model/readable.ts";
import { didYouMean } from "../model/suggest.ts";
import { STATES } from "./generic/states.ts";
import type { Backend, DispatchRule } from "./rules.ts";
import { readTemplate, readWords } from "./template.ts";

/** What an option is. */
interface Shape {
  /** In words: `a text`. */
  readonly is: string;
  readonly fits: (value: unknown) => boolean;
}

type RuleOf<Name extends Backend> = Extract<DispatchRule, { readonly backend: Name }>;
type KeysOf<Rule> = Exclude<keyof Rule, "backend">;
/** All options of all rules: one that is forgotten here does not compile. */
type Shapes = { readonly [Name in Backend]: { readonly [Key in KeysOf<RuleOf<Name>>]-?: Shape } };

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isDuration = (value: unknown): boolean => {
  try {
    milliseconds(value as number);
    return true;
  } catch {
    return false;
  }
};
const isCommand = (value: unknown): boolean => {
  try {
    readTemplate(value as string);
    return isText(value) || isTexts(value);
  } catch {
    return false;
  }
};
const onlyHas = (value: unknown, fits: Readonly<Record<string, (value: unknown) => boolean>>): boolean =>
  isRecord(value) &&
  Object.entries(value).every(([key, one]) =>
    Object.hasOwn(fits, key) && (one === undefined || fits[key]!(one))
  );

const TEXT: Shape = { is: "a text", fits: isText };
const TEXTS: Shape = { is: "a list of texts", fits: isTexts };
/** Words that fields may be filled into. */
const WORDS: Shape = { is: TEXTS.is, fits: isTexts };
const FLAG: Shape = { is: "true or false", fits: (value) => typeof value === "boolean" };
const COUNT: Shape = { is: "a whole number from 1 up", fits: isCount };
const DURATION: Shape = { is: 'a time, as in "2h"', fits: isDuration };
const COMMAND: Shape = { is: "a command: a text, or its words as a list", fits: isCommand };
const PATTERN: Shape = {
  is: "a regular expression whose first group is the id",
  fits: (value) => {
    try {
      return value instanceof RegExp || isText(value) && new RegExp(value as string) !== undefined;
    } catch {
      return false;
    }
  },
};
const PACK: Shape = {
  is: "a number of attempts, or { count, seconds }",
  fits: (value) =>
    isCount(value) ||
    onlyHas(value, { count: isCount, seconds: (one) => typeof one === "number" && one > 0 }),
};

const ATTACHED = { runner: COMMAND, pack: PACK };
const QUEUE = {
  ...ATTACHED,
  array: FLAG,
  gather: DURATION,
  poll: {
    is: 'times, as in { from: "2s", to: "60s" }',
    fits: (value: unknown) => onlyHas(value, { from: isDuration, to: isDuration }),
  },
  limit: COUNT,
};
const CONTAINER = {
  ...ATTACHED,
  image: TEXT,
  mounts: TEXTS,
  network: TEXT,
  args: WORDS,
  env: TEXTS,
  gpus: TEXT,
  user: TEXT,
};

const SHAPES: Shapes = {
  prefix: { ...ATTACHED, command: COMMAND },
  docker: CONTAINER,
  podman: CONTAINER,
  ssh: { ...ATTACHED, host: TEXT, hosts: TEXTS, args: TEXTS, cd: TEXT },
  slurm: {
    ...QUEUE,
    partition: TEXT,
    account: TEXT,
    qos: TEXT,
    constraint: TEXT,
    time: DURATION,
    args: WORDS,
  },
  lsf: {
    ...QUEUE,
    queue: TEXT,
    project: TEXT,
    time: DURATION,
    args: WORDS,
    memoryUnit: { is: '"KB", "MB" or "GB"', fits: (value) => ["KB", "MB", "GB"].includes(value as string) },
    perSlot: FLAG,
    jbsub: FLAG,
  },
  generic: {
    ...QUEUE,
    submit: COMMAND,
    parseId: PATTERN,
    status: { is: COMMAND.is, fits: (value) => isText(value) || isTexts(value) },
    cancel: { is: COMMAND.is, fits: (value) => isText(value) || isTexts(value) },
    states: { is: "a record of states by the words of the queue", fits: isRecord },
    parseStatus: { is: "a function of what `status` prints", fits: (value) => typeof value === "function" },
  },
};

/** What has to be there. */
const NEEDED: Partial<Readonly<Record<Backend, readonly string[]>>> = {
  prefix: ["command"],
  docker: ["image"],
  podman: ["image"],
  generic: ["submit", "status", "cancel"],
};

/** What is wrong with a rule, as somebody has written it. */
export function ruleProblems(label: string, rule: Readonly<Record<string, unknown>>): string[] {
  const { backend, ...options } = rule;
  if (typeof backend !== "string" || !Object.hasOwn(SHAPES, backend)) {
    const names = Object.keys(SHAPES);
    return [
      `the rule of label "${label}": there is no backend ${readable(backend)}${
        didYouMean(String(backend), names) || `; there are ${names.join(", ")}`
      }`,
    ];
  }
  const shapes: Readonly<Record<string, Shape>> = SHAPES[backend as Backend];
  const problems = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const shape = Object.hasOwn(shapes, name) ? shapes[name]! : undefined;
    if (shape === undefined) {
      const names = Object.keys(shapes);
      return [`has no option "${name}"${didYouMean(name, names) || `; it has ${names.join(", ")}`}`];
    }
    if (!shape.fits(value)) return [`\`${name}\` is ${shape.is}, not ${readable(value)}`];
    return shape === WORDS ? wordProblems(name, value as readonly string[]) : [];
  });
  for (const name of NEEDED[backend as Backend] ?? []) {
    if (options[name] === undefined) problems.push(`needs \`${name}\``);
  }
  if (backend === "generic") problems.push(...genericProblems(options));
  return problems.map((problem) => `the rule of label "${label}": ${backend} ${problem}`);
}

/** What is wrong with the braces in words. */
function wordProblems(name: string, words: readonly string[]): string[] {
  return words.flatMap((word) => {
    try {
      readWords([word]);
      return [];
    } catch (error) {
      return [`\`${name}\`: ${(error as Error).message}`];
    }
  });
}

/** What is wrong with a rule of a queue that is known by its commands only. */
function genericProblems({ submit, states }: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const words = typeof submit === "string" ? [submit] : isTexts(submit) ? submit as string[] : undefined;
  if (words !== undefined && !words.some((word) => word.includes("{script}"))) {
    problems.push(
      '`submit` does not say {script}, so nothing would be run: it is the file that the queue is to run; for a queue that reads it from standard input, ["sh", "-c", \'qsub <"$0"\', "{script}"]',
    );
  }
  for (const [word, state] of Object.entries(isRecord(states) ? states : {})) {
    if (STATES.some((one) => one === state)) continue;
    problems.push(
      `\`states.${word}\` is ${readable(state)}${
        didYouMean(String(state), STATES) || `; there are ${STATES.join(", ")}`
      }`,
    );
  }
  return problems;
}

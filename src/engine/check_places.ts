/** What options may say of where tasks run. */
import { ruleProblem } from "../dispatch/rule_options.ts";
import { rulesByLabel } from "../dispatch/rules.ts";
import { readTemplate } from "../dispatch/template.ts";
import { readResources } from "../model/resources.ts";
import { overrideProblem } from "./manner.ts";
import type { RunOptions } from "./options.ts";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const recordOf = (fits: (value: unknown) => boolean) => (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every(fits);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
const isCommand = (value: unknown): boolean =>
  typeof value === "string" || Array.isArray(value) && value.every((word) => typeof word === "string");
const isRule = (value: unknown): boolean => isRecord(value) && typeof value["backend"] === "string";

/** The options, with how to say what they are. */
export const PLACE_SHAPES: readonly (readonly [
  name: keyof RunOptions,
  is: string,
  fits: (value: unknown) => boolean,
])[] = [
  ["limits", "a record of whole numbers from 1 up by label, as in { gpu: 2 }", recordOf(isCount)],
  ["sharedLimits", "a record of whole numbers from 1 up by label, as in { licence: 3 }", recordOf(isCount)],
  ["prefixes", 'a record of commands by label, as in { gpu: "srun --gres=gpu:1" }', recordOf(isCommand)],
  ["dispatch", 'a record of rules by label, as in { gpu: slurm({ partition: "gpu" }) }', recordOf(isRule)],
  ["pools", "a record of whole numbers from 1 up by label, as in { io: 16 }", recordOf(isCount)],
  ["capacity", 'a record of amounts, as in { mem: "16g", licence: 3 }', isRecord],
  [
    "overrides",
    'a record of options by name or pattern, as in { "train": { timeout: "2h" } }',
    recordOf(isRecord),
  ],
];

/** What is wrong with options that have the right shape. */
export function placeProblems({ prefixes, dispatch, capacity, overrides }: RunOptions): string[] {
  const problems: string[] = [];
  const attempt = (act: () => unknown): void => {
    try {
      act();
    } catch (error) {
      problems.push((error as Error).message);
    }
  };
  if (isRecord(prefixes) && recordOf(isCommand)(prefixes)) {
    for (const [label, command] of Object.entries(prefixes)) {
      attempt(() => {
        try {
          readTemplate(command as string | readonly string[]);
        } catch (error) {
          throw new RangeError(`the prefix of label "${label}": ${(error as Error).message}`);
        }
      });
    }
  }
  if (isRecord(dispatch)) {
    attempt(() => rulesByLabel(dispatch, {}));
    for (const [label, rule] of Object.entries(dispatch)) {
      const problem = isRule(rule) ? ruleProblem(label, rule) : undefined;
      if (problem !== undefined) problems.push(problem);
    }
  }
  if (isRecord(capacity)) {
    attempt(() => {
      try {
        readResources(capacity);
      } catch (error) {
        throw new RangeError((error as Error).message.replaceAll("`resources.", "`capacity."));
      }
    });
  }
  for (const [pattern, override] of Object.entries(isRecord(overrides) ? overrides : {})) {
    const problem = isRecord(override) ? overrideProblem(override) : undefined;
    if (problem !== undefined) problems.push(`the override of "${pattern}": ${problem}`);
  }
  return problems;
}

/** Where rules of dispatch take words with fields in braces, so that fields can be told before anything runs. Pure. */
import type { DispatchRule } from "./rules.ts";
import { readTemplate, readWords, type Template } from "./template.ts";

/** Words of a rule. */
export interface RuleTemplate {
  /** The setting that says them, as in: … asks for {field}. */
  readonly setting: string;
  readonly template: Template;
  /** Fields that only this setting knows. */
  readonly more: readonly string[];
}

/**
 * The words of a rule that fields are filled into, for each job.
 *
 * @throws {RangeError} when they cannot be read.
 */
export function templatesOf(label: string, rule: DispatchRule): readonly RuleTemplate[] {
  const of = (option: string, template: Template, more: readonly string[] = []): RuleTemplate[] => [
    { setting: `the rule of label "${label}": ${rule.backend} \`${option}\``, template, more },
  ];
  switch (rule.backend) {
    case "prefix":
      return [{ setting: `the command of label "${label}"`, template: readTemplate(rule.command), more: [] }];
    case "docker":
    case "podman":
    case "slurm":
    case "lsf":
      return of("args", readWords(rule.args ?? []));
    case "generic":
      return of("submit", readTemplate(rule.submit), ["script"]);
    case "ssh":
      // A connection is for many jobs: its words are taken as they are.
      return [];
  }
}

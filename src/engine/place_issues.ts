/** What is wrong with where calls are to run, told before anything does. */
import type { DockerRule } from "../dispatch/docker/rule.ts";
import { isLocal } from "../dispatch/rules.ts";
import { templatesOf } from "../dispatch/rule_templates.ts";
import { hasFields, templateProblems } from "../dispatch/template.ts";
import { unlink } from "../model/call.ts";
import type { Issue } from "../model/failure.ts";
import type { InputRule } from "../model/files.ts";
import { exceeding, readableAmount, type Resources } from "../model/resources.ts";
import type { Graph, PlannedNode } from "../plan/graph.ts";
import type { Variant } from "./variant.ts";

/** What every machine has, whether or not anybody has counted it. */
const KNOWN = ["cpu", "mem", "gpu", "time"];

/** What is to be known of this machine. */
export interface PlaceMachine {
  /** What it has, or is said to have; asked only when somebody needs to know. */
  readonly capacity: () => Resources;
  /** What is wrong with inputs of a task that a rule sends into containers here. */
  readonly unseen: (rule: DockerRule, inputs: readonly InputRule[]) => string | undefined;
}

/** What is wrong with how some calls of a task are to run; `node` is the first of them, `all` says that there are no others. */
export function placeIssues(
  { task, manner, sent, late }: Variant,
  machine: PlaceMachine,
  graph: Graph,
  node: PlannedNode,
  all: boolean,
): Issue[] {
  const at = task.frames[0];
  const call = all ? `task "${task.name}"` : graph.describe(node);
  const refuse = (problem: string): Issue => ({
    kind: "bad-task",
    task: task.name,
    problem,
    ...(at && { at }),
  });
  const { resources } = manner;
  const here = sent === undefined || isLocal(sent.rule);
  const counted = here
    ? resources
    : Object.fromEntries(Object.entries(resources).filter(([name]) => !KNOWN.includes(name)));
  const { time: _time, ...amounts } = counted;
  const capacity = Object.keys(amounts).length === 0 ? {} : machine.capacity();
  const issues = exceeding(amounts, capacity).map(({ name, needed, available }) =>
    refuse(
      `${call} asks for ${name}: ${readableAmount(name, needed)}, and there is ${
        readableAmount(name, available)
      } of it; ask for less, say --capacity ${name}=… if there is more, or send it elsewhere`,
    )
  );
  for (const name of Object.keys(amounts)) {
    if (KNOWN.includes(name) || capacity[name] !== undefined || sent !== undefined) continue;
    issues.push(
      refuse(
        `${call} asks for "${name}", and nobody says how much of it there is: say capacity: { ${name}: … } in the settings, or --capacity ${name}=…`,
      ),
    );
  }
  const rule = sent?.rule;
  if (
    (rule?.backend === "docker" || rule?.backend === "podman") && task.files !== undefined &&
    node.inputs.length === 0
  ) {
    const { inputs } = task.files(unlink(node.call.bytes, () => undefined));
    const problem = machine.unseen(rule, inputs);
    if (problem !== undefined) issues.push(refuse(`${call} ${problem}`));
  }
  // What a task asks for is not known yet where that depends on values: then these are looked at when it is.
  if (sent === undefined || late) return issues;
  const templates = templatesOf(sent.label, sent.rule).filter(({ template }) => hasFields(template));
  if (templates.length === 0) return issues;
  const known = { resources, inputFields: fieldsOf(node), task: task.name };
  for (const { template, ...setting } of templates) {
    issues.push(...templateProblems(template, { ...known, ...setting }).map(refuse));
  }
  return issues;
}

/** The fields of a node's input; `undefined` while there are futures in it. */
function fieldsOf(node: PlannedNode): readonly string[] | undefined {
  if (node.inputs.length > 0) return undefined;
  const input = unlink(node.call.bytes, () => undefined);
  return typeof input === "object" && input !== null ? Object.keys(input) : [];
}

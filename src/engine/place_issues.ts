/** What is wrong with where calls are to run, told before anything does. */
import type { DockerRule } from "../dispatch/docker/rule.ts";
import { isLocal } from "../dispatch/rules.ts";
import { readTemplate, templateProblems } from "../dispatch/template.ts";
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
  { task, manner, sent }: Variant,
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
  if (sent?.rule.backend !== "prefix") return issues;
  const known = {
    resources,
    inputFields: fieldsOf(node),
    task: task.name,
    label: sent.label,
  };
  try {
    issues.push(...templateProblems(readTemplate(sent.rule.command), known).map(refuse));
  } catch (error) {
    issues.push(refuse(`the prefix of label ${sent.label}: ${(error as Error).message}`));
  }
  return issues;
}

/** The fields of a node's input; `undefined` while there are futures in it. */
function fieldsOf(node: PlannedNode): readonly string[] | undefined {
  if (node.inputs.length > 0) return undefined;
  const input = unlink(node.call.bytes, () => undefined);
  return typeof input === "object" && input !== null ? Object.keys(input) : [];
}

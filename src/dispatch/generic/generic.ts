/** Jobs through any queue that has commands. */
import type { Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { didYouMean } from "../../model/suggest.ts";
import { commandProblem } from "../attached/command.ts";
import { mustRun } from "../queue/command.ts";
import { mannerOf } from "../queue/manner.ts";
import { type JobState, type Queue, QueueError, type Submission } from "../queue/queue.ts";
import { QueueLauncher } from "../queue/queue_launcher.ts";
import { fillTemplate, readTemplate } from "../template.ts";
import { quoteWords } from "../../model/quoting.ts";
import { splitWords } from "../words.ts";
import type { GenericRule, GenericState } from "./rule.ts";
import { STATES } from "./states.ts";

/** Makes a launcher of jobs through the commands of a rule. */
export function genericLauncher(
  rule: GenericRule,
  listener: LauncherListener,
  place: LauncherPlace,
): Launcher {
  // Of arrays nothing is known: each job is submitted by itself.
  return new QueueLauncher(genericQueue(rule, place), { ...mannerOf(rule), array: false }, listener, place);
}

/** Whether the commands are there, and all that is said of states makes sense. */
export function checkGeneric(rule: GenericRule, place: Pick<LauncherPlace, "cwd">): Promise<LauncherCheck> {
  const problems = (["submit", "status", "cancel"] as const).flatMap((name) => {
    const [first] = wordsOf(rule[name]);
    if (first === undefined) return [`\`${name}\` is no command`];
    return commandProblem(first, place.cwd) ?? [];
  });
  for (const [word, state] of Object.entries(rule.states ?? {})) {
    if (!STATES.includes(state)) {
      problems.push(
        `\`states.${word}\` is "${state}"${didYouMean(state, STATES) || `; there are ${STATES.join(", ")}`}`,
      );
    }
  }
  return Promise.resolve({ problem: problems.length === 0 ? undefined : problems.join("; "), identity: "" });
}

function genericQueue(rule: GenericRule, place: LauncherPlace): Queue {
  const submit = readTemplate(rule.submit);
  const command = ({ jobs, script }: Submission) =>
    fillTemplate(submit, jobs[0]!, { script }) as [string, ...string[]];
  return {
    name: wordsOf(rule.submit)[0] ?? "the queue",
    indexVariable: "RUNNER_INDEX",
    firstIndex: 0,
    forgets: true,
    most: 1,
    kindOf: (job) => JSON.stringify(fillTemplate(submit, job, { script: "" })),
    submit: async (submission) => {
      const out = await mustRun(command(submission), place);
      const id = new RegExp(rule.parseId ?? /(\d+)/).exec(out)?.[1];
      if (id === undefined) {
        throw new QueueError(`\`parseId\` finds no id in what the submission printed: ${out.trim()}`, false);
      }
      return [id];
    },
    states: async (ids) => {
      const out = await mustRun(withIds(rule.status, ids), place);
      const read = rule.parseStatus?.(out) ?? linesOf(out, rule.states ?? {});
      return new Map(Object.entries(read).map(([id, state]) => [id, meaning(state)]));
    },
    past: () => Promise.resolve(new Map()),
    // A name that a queue may not even know is nothing to look for.
    find: () => Promise.resolve(undefined),
    cancel: async (ids) => {
      await mustRun(withIds(rule.cancel, ids), place);
    },
    byHand: (submission) => quoteWords(command(submission)),
    cancelByHand: (ids) => quoteWords(withIds(rule.cancel, ids)),
  };
}

function wordsOf(command: string | readonly string[]): readonly string[] {
  return typeof command === "string" ? splitWords(command) : command;
}

/** A command with the ids of jobs in it, or behind it. */
function withIds(command: string | readonly string[], ids: readonly string[]): [string, ...string[]] {
  const words = wordsOf(command);
  const named = words.some((word) => word.includes("{ids}"));
  const filled = words.flatMap((word) => word === "{ids}" ? ids : [word.replaceAll("{ids}", ids.join(","))]);
  return [...filled, ...(named ? [] : ids)] as [string, ...string[]];
}

/** Lines of an id and a word: what it means, or as it is when nobody has said. */
function linesOf(
  text: string,
  states: Readonly<Record<string, GenericState>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [id, word] = line.trim().split(/[\s|,]+/);
      if (id === undefined || word === undefined) return [];
      return [[id, Object.hasOwn(states, word) ? states[word]! : word] as const];
    }),
  );
}

function meaning(word: string): JobState {
  const state = STATES.find((one) => one === word);
  // A job that the queue still tells of is not over.
  if (state === undefined) {
    const why = `its state is "${word}", which the rule's \`states\` do not explain`;
    return { kind: "waiting", why, stuck: true };
  }
  if (state === "waiting" || state === "running") return { kind: state };
  const reason = state === "done" || state === "failed" ? undefined : state;
  return {
    kind: "ended",
    reason,
    exit: state === "done" ? 0 : undefined,
    says: `its state is "${state}"`,
  };
}

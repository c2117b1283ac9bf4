/** Jobs behind any command, which is a child of this program for as long as they run. */
import os from "node:os";
import type { Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { attachedLauncher } from "../attached/attached.ts";
import { commandProblem } from "../attached/command.ts";
import { fillTemplate, readTemplate } from "../template.ts";
import { splitWords } from "../words.ts";
import type { PrefixRule } from "./rule.ts";

/**
 * Makes a launcher that starts jobs behind a command.
 *
 * @throws {RangeError} when the command is no template.
 */
export function prefixLauncher(
  rule: PrefixRule,
  listener: LauncherListener,
  place: LauncherPlace,
): Launcher {
  const template = readTemplate(rule.command);
  return attachedLauncher(
    {
      start: (job) => {
        const [first, ...rest] = [...fillTemplate(template, job), ...job.command];
        return { command: [first!, ...rest], where: `host ${os.hostname()}` };
      },
      read: () => Promise.resolve(undefined),
      clear: () => Promise.resolve(undefined),
      close: () => Promise.resolve([]),
      strays: true,
    },
    listener,
    place,
  );
}

/** Whether the command is there. */
export function checkPrefix(rule: PrefixRule, place: Pick<LauncherPlace, "cwd">): Promise<LauncherCheck> {
  const [first] = typeof rule.command === "string" ? splitWords(rule.command) : rule.command;
  // A command that depends on the job is looked at when there is one.
  const problem = first === undefined || /[{}]/.test(first) ? undefined : commandProblem(first, place.cwd);
  return Promise.resolve({ problem, identity: "" });
}

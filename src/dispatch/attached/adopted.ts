/** Jobs of a runner that is no more: finds what is left of one, and sees it to its end. */
import fs from "node:fs";
import os from "node:os";
import type { Job, JobEnd, LauncherPlace } from "../../model/job.ts";
import { ask } from "./capture.ts";
import { endGroup } from "./group.ts";
import { killAll, type Known, lookUp, processesOf } from "./processes.ts";
import type { LocalRest, Way } from "./way.ts";

/** What is known about a job that is taken over. */
export interface Adoption {
  readonly way: Way;
  readonly job: Job;
  /** By what the runner that is no more knew it. */
  readonly id: string | undefined;
  readonly place: LauncherPlace;
  readonly warned: (message: string) => void;
  /** Is given what ends the job. */
  readonly take: (end: () => Promise<void>) => void;
}

/** Sees a job of a runner that is no more to its end. */
export async function adopted({ way, job, id, place, warned, take }: Adoption): Promise<JobEnd> {
  const owner = id === undefined ? undefined : lookUp(id);
  const local = localRest(job, owner, place);
  if (way.find !== undefined) {
    const found = await way.find(job, id, local);
    if (found.kind === "over") return found.end;
    const question = ask(found.command);
    take(async () => {
      await way.clear(job, "us");
      question.stop();
    });
    const { code, stdout, stderr } = await question.answer;
    await local.end();
    return found.read({ code, signal: undefined }, `${stdout}${stderr}`.trim());
  }
  const end = { exit: undefined, command: undefined };
  if (owner !== undefined && (owner.known === "elsewhere" || owner.known === "unclear")) {
    const text = owner.known === "elsewhere"
      ? `the runner that had started it is no more; it may still run on host ${owner.host} as process group ${owner.pid}, which only that host can tell`
      : `the runner that had started it is no more; it cannot be told for certain whether process ${owner.pid} on host ${os.hostname()} is it, so nothing was ended`;
    warned(`${job.name}: ${text}`);
    return { ...end, reason: "infra", text };
  }
  const { alive } = local;
  await local.end();
  const rest = await way.clear(job, "us");
  if (rest !== undefined) warned(`${job.name} could not be ended everywhere: ${rest} may be left`);
  if (alive) {
    const text =
      `the runner that had started it on host ${os.hostname()} is no more, and what was left of it was ended`;
    return { ...end, reason: "infra", text };
  }
  // Its logs are made right before it is started.
  if (id === undefined && !fs.existsSync(`${job.folder}/err.txt`)) {
    return {
      ...end,
      reason: "infra",
      text: "the runner that was about to start it is no more",
      neverBegan: true,
    };
  }
  return { ...end, reason: undefined, text: "it ended while no runner was there to see it" };
}

/** What runs for a job on this host; nothing that is not certain to be its. */
function localRest(
  job: Job,
  owner: { readonly pid: number; readonly known: Known } | undefined,
  place: LauncherPlace,
): LocalRest {
  const strays = (): readonly number[] => processesOf(new Set([job.name])).get(job.name) ?? [];
  const leads = owner?.known === "alive";
  return {
    alive: leads || strays().length > 0,
    end: async () => {
      if (leads) await endGroup(owner.pid, place.after);
      killAll(strays());
    },
  };
}

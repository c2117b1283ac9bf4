/**
 * Jobs of a runner that is no more. Nobody could learn how a child of another process ends, and a job whose runner is gone gives
 * up soon by itself: what is left of it is ended, and its run tries again.
 */
import fs from "node:fs";
import os from "node:os";
import type { Job, JobEnd, LauncherPlace } from "../../model/job.ts";
import { endGroup, untilGone } from "./group.ts";
import { killAll, lookUp, processesOf } from "./processes.ts";
import type { Way } from "./way.ts";

/** What is known about a job that is taken over. */
export interface Adoption {
  readonly way: Way;
  readonly job: Job;
  /** By what the runner that is no more knew it. */
  readonly id: string | undefined;
  readonly place: LauncherPlace;
  readonly warned: (message: string) => void;
}

/** Sees a job of a runner that is no more to its end. */
export async function adopted({ way, job, id, place, warned }: Adoption): Promise<JobEnd> {
  const owner = id === undefined ? undefined : lookUp(id);
  const strays = (): readonly number[] =>
    way.strays ? processesOf(new Set([job.name])).get(job.name) ?? [] : [];
  const end = { exit: undefined, command: undefined };
  const leads = owner?.known === "alive";
  const alive = leads || strays().length > 0;
  const killed = leads && await endGroup(owner.pid, place.after);
  const rest = await way.clear(job, "us", { code: undefined, signal: killed ? "SIGKILL" : undefined });
  await untilGone(() => {
    const left = strays();
    killAll(left);
    return left.length === 0;
  }, place.after);
  if (rest !== undefined) warned(`${job.name} could not be ended everywhere: ${rest} may be left`);
  const host = os.hostname();
  if (alive) {
    const text =
      `the runner that had started it on host ${host} is no more, and what was left of it was ended`;
    return { ...end, reason: "infra", text };
  }
  if (owner !== undefined && owner.known !== "gone") {
    const text = `the runner that had started it is no more; ${
      owner.known === "elsewhere"
        ? `it may still run on host ${owner.host} as process group ${owner.pid}, which only that host can tell`
        : `nobody can tell whether process ${owner.pid} on host ${host} is it, so it was left alone`
    }`;
    warned(`${job.name}: ${text}`);
    return { ...end, reason: "infra", text };
  }
  // Its logs are made right before it is started.
  if (id === undefined && !fs.existsSync(`${job.folder}/err.txt`)) {
    const text = "the runner that was about to start it is no more";
    return { ...end, reason: "infra", text, neverBegan: true };
  }
  return { ...end, reason: undefined, text: "it ended while no runner was there to see it" };
}

/** What the exit of `docker run` says: whether the engine failed, or the image, or the job itself. */
import os from "node:os";
import process from "node:process";
import { readableAmount } from "../../model/resources.ts";
import type { Job } from "../../model/job.ts";
import { type Exit, readExit } from "../attached/exits.ts";
import { lastWords } from "../../model/last_words.ts";
import type { Reading } from "../attached/way.ts";
import type { DockerRule } from "./rule.ts";

/** What an engine says for itself; a job's own words do not begin like that. */
const ENGINE = { docker: /^docker: (.+)$/m, podman: /^Error: (.+)$/m };
/** What the first process in a container says when it cannot start the command. */
const INIT = /^\[FATAL tini \(\d+\)\] exec (.+) failed: (.+)$/m;

/** Reads the exit of an engine's client, as far as it is about the container and not about the job. */
export async function readContainerExit(
  rule: DockerRule,
  job: Job,
  exit: Exit,
  log: string,
  ranOutOfMemory: (name: string) => Promise<boolean>,
): Promise<Reading | undefined> {
  const { code } = exit;
  const { backend: engine, image } = rule;
  const said = ENGINE[engine].exec(log)?.[1]?.trim();
  const where = `${engine} on host ${os.hostname()}`;
  if (code === 125 && said !== undefined) {
    const hint = engineHint(rule, said);
    return {
      reason: "infra",
      text: `${where} did not start the container: ${said}${hint}`,
      neverBegan: true,
    };
  }
  const init = INIT.exec(log);
  if ((code === 126 || code === 127) && (said !== undefined || init !== null)) {
    const [command] = job.command;
    const why = init === null ? said : `${init[1]}: ${init[2]}`;
    const hint = rule.runner === undefined && command === process.execPath
      ? "; the program from outside needs an image with the same C library, or say `runner`, the command that starts runner in it"
      : code === 127
      ? `; the image "${image}" has no such command`
      : `; the image "${image}" has it, and it cannot be run, or the folder to start in is not there`;
    return {
      reason: "exit",
      text: `${where} could not start ${
        JSON.stringify(command)
      } in the container (exit code ${code}): ${why}${hint}`,
      neverBegan: true,
    };
  }
  const { mem } = job.resources;
  if (code === 137) {
    const limit = mem === undefined ? "" : ` of ${readableAmount("mem", mem)}`;
    const what = `the container of ${image} ended with exit code 137 on host ${os.hostname()}`;
    if (await ranOutOfMemory(job.name)) {
      return { reason: "oom", text: `${what}: its memory${limit} was full` };
    }
    // Engines do not always hear of it; and few others kill what is in a container.
    if (mem !== undefined) {
      return { reason: "oom", text: `${what}: it was killed, most likely since its memory${limit} was full` };
    }
  }
  if (code === 0) return undefined;
  const words = lastWords(log);
  const { reason, text } = readExit(exit, words);
  const last = words === undefined ? "" : `: ${words}`;
  return { reason, text: `the container of ${image} ${text} on host ${os.hostname()}${last}` };
}

/** What to do about what an engine says. */
function engineHint({ backend, image, runner }: DockerRule, said: string): string {
  const missing = /bind source path does not exist: (.+?)\.?$|statfs (.+?): no such file/m.exec(said);
  if (missing !== null) {
    const path = missing[1] ?? missing[2];
    const host = process.env["DOCKER_HOST"];
    return backend === "docker" && host !== undefined && !host.startsWith("unix:")
      ? `; the machine of the engine (DOCKER_HOST ${host}) does not have ${path}, which the job needs: it must be there too, at the same path`
      : `; ${path} is to be seen in the container and is not there outside, on the machine or in the container that ${backend} itself runs on`;
  }
  if (/no such image|image not known/i.test(said)) return `; get it: ${backend} pull ${image}`;
  if (/cannot connect to the docker daemon/i.test(said)) {
    return "; is dockerd running, and may this user talk to it (DOCKER_HOST, group docker)?";
  }
  if (/capabilities: \[\[gpu\]\]|nvidia\.com\/gpu/.test(said)) {
    return "; containers get graphics processors by NVIDIA's container toolkit, which is not set up there";
  }
  return runner === undefined ? "" : ` (runner in the image: ${JSON.stringify(runner)})`;
}

/** Jobs in containers, by the client of Docker or Podman, which is a child of this program for as long as they run. */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import type { Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { attachedLauncher } from "../attached/attached.ts";
import { ask } from "../attached/capture.ts";
import { commandProblem, findCommand } from "../attached/command.ts";
import { quoteWords } from "../../model/quoting.ts";
import { containers } from "./containers.ts";
import { readContainerExit } from "./exits.ts";
import { denoFolder } from "./mounts.ts";
import type { DockerRule } from "./rule.ts";
import { runPlace, runWords } from "./run_words.ts";

/**
 * Makes a launcher that runs jobs in containers.
 *
 * @throws {RangeError} when `args` are no templates.
 */
export function dockerLauncher(
  rule: DockerRule,
  listener: LauncherListener,
  place: LauncherPlace,
): Launcher {
  const run = runPlace(rule, denoFolder(), initWords(rule));
  const engine = containers(rule.backend, place.after);
  return attachedLauncher(
    {
      start: (job) => ({ command: runWords(run, job), where: `host ${os.hostname()}` }),
      read: (job, exit, log) => readContainerExit(rule, job, exit, log, engine.ranOutOfMemory),
      clear: async ({ name }, by, exit) => {
        if (by === "itself") return undefined; // The client has waited until the container was removed.
        const late = by === "us" && exit?.signal === "SIGKILL";
        return await engine.remove(name, late) ? `container ${name}` : undefined;
      },
      standing: async (jobs) => {
        const there = await engine.present(jobs.map(({ name }) => name));
        return jobs.map(({ name }) => there === undefined ? "silent" : there.has(name) ? "on" : undefined);
      },
      close: async () => (await engine.close()).map((name) => `container ${name}`),
      strays: false,
    },
    listener,
    place,
  );
}

/** Where Podman's own first process of a container may be; Docker brings its own. */
const INITS = [
  "/usr/libexec/podman/catatonit",
  "/usr/local/libexec/podman/catatonit",
  "/usr/local/lib/podman/catatonit",
  "/usr/lib/podman/catatonit",
];

/** The words by which a container has a first process that passes signals on, as far as there is one. */
function initWords({ backend }: DockerRule): readonly string[] {
  if (backend === "docker" || INITS.some((file) => fs.existsSync(file))) return ["--init"];
  const other = ["catatonit", "tini-static"].map((name) => findCommand(name, "/")).find(Boolean);
  return other === undefined ? [] : ["--init", "--init-path", other];
}

/** Whether the engine answers and has the image, and which image that is. */
export async function checkDocker(rule: DockerRule): Promise<LauncherCheck> {
  const { backend, image } = rule;
  const missing = commandProblem(backend, process.cwd());
  if (missing !== undefined) return { problem: missing, identity: "" };
  const question = ["image", "inspect", "--format", "{{.Id}}", image];
  const { code, stdout, stderr } = await ask([backend, ...question]).answer;
  const identity = stdout.trim().replace(/^(?=[0-9a-f]{64}$)/, "sha256:");
  if (code === 0 && identity !== "") return { problem: undefined, identity };
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const byHand = quoteWords([backend, ...question]);
  const problem = /no such image|image not known/i.test(said)
    ? `there is no image "${image}" on this machine (host ${os.hostname()}): ${backend} pull ${image}, or build it`
    : `${backend} on host ${os.hostname()} does not answer: ${said} (try: ${byHand})`;
  return { problem, identity: "" };
}

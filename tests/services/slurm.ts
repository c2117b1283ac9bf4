/** A real Slurm for tests, started when the first of them needs it, and ended with this process. */
import fs from "node:fs";
import os from "node:os";
import { fromFileUrl } from "../support/paths.ts";

const SCRIPT = fromFileUrl("../services/slurm.sh");
const NEEDED = ["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch"];

/** Why Slurm cannot be had here; empty when it can. Stands in the names of tests that are ignored. */
export const noSlurm: string = NEEDED.some((file) => !fs.existsSync(file))
  ? " (needs Slurm: apt-get install slurmctld slurmd slurm-client)"
  : Deno.uid() !== 0
  ? " (needs root, to start a private Slurm)"
  : "";

let started: Readonly<Record<string, string>> | undefined;

/** Starts Slurm; gives the environment for its commands, and for the stand-ins of LSF's. */
export function slurm(): Readonly<Record<string, string>> {
  if (started !== undefined) return started;
  const folder = `${os.tmpdir().replace(/\/runner-tmp-\d+$/, "")}/runner-slurm-${Deno.pid}`;
  // Below the ports that systems hand out.
  let port = 20_000 + (Deno.pid * 7) % 12_000;
  const run = (act: string) => new Deno.Command(SCRIPT, { args: [act, folder, String(port)] }).outputSync();
  let { success, stderr } = run("start");
  if (!success) {
    // Somebody may have one of its ports.
    run("stop");
    fs.rmSync(folder, { recursive: true, force: true });
    port = 20_000 + (port + 5_003) % 12_000;
    ({ success, stderr } = run("start"));
  }
  if (!success) throw new Error(`Slurm did not start: ${new TextDecoder().decode(stderr)}`);
  globalThis.addEventListener("unload", () => {
    run("stop");
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return started = {
    SLURM_CONF: `${folder}/slurm.conf`,
    LSF_TEST_DIR: `${folder}/lsf`,
    PATH: `${fromFileUrl("../services/lsf")}:${Deno.env.get("PATH") ?? ""}`,
  };
}

/** The rule that reaches it by its commands alone, as text of a pipeline; `more` are other options. */
export function genericSlurm(more: string): string {
  return `generic({
    submit: "sbatch --parsable --output=/dev/null --job-name={name} {script}",
    status: ["squeue", "--noheader", "--states=all", "--format=%i %T", "--jobs={ids}"],
    cancel: "scancel {ids}",
    states: { PENDING: "waiting", RUNNING: "running", COMPLETING: "running", COMPLETED: "done", FAILED: "failed", CANCELLED: "infra" },
    ${more}
  })`;
}

/** Who runs a job: a file that whoever comes first has made, and by which later ones know that the job is not theirs. */
import { fs } from "../../runtime/fs.ts";
import { program } from "../../runtime/program.ts";
import { type Claim, CLAIM_FILE } from "./job_spec.ts";

/** The variables in which queues tell a job what they call it: Slurm, LSF, PBS, Grid Engine. */
const IDS = ["SLURM_JOB_ID", "LSB_JOBID", "PBS_JOBID", "JOB_ID"];

/** So often a claim is looked at that cannot be read, and the pauses between, in milliseconds: it may just be written. */
const LOOKS = 10, PAUSE = 50;

/** Takes a job for this process; says why not when somebody else has it, or nobody is to have it any more. */
export async function takeClaim(folder: string): Promise<string | undefined> {
  const id = IDS.map((name) => program.env(name)).find((one) => one !== undefined) ?? "";
  const mine = claimBy("run", id);
  if (make(folder, mine)) return undefined;
  let theirs = claimOf(folder);
  for (let look = 1; look < LOOKS && theirs === undefined; look++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    theirs = claimOf(folder);
  }
  if (theirs?.by === "revoke") return "nobody waits for this job any more";
  // A queue that has lost a machine starts the same job again; what cannot be read was being written when the machine went down.
  if (id !== "" && (theirs === undefined || theirs.id === id)) {
    replace(folder, mine);
    return undefined;
  }
  return `this job is being run by process ${theirs?.pid ?? "?"} on host ${theirs?.host ?? "?"} already`;
}

/** Who has a job; the folder is listed first, since a name that was not there is remembered as such on network file systems. */
export function claimOf(folder: string): Claim | undefined {
  try {
    if (!fs.readdirSync(folder).includes(CLAIM_FILE)) return undefined;
    return JSON.parse(fs.readFileSync(`${folder}/${CLAIM_FILE}`, "utf8")) as Claim;
  } catch {
    return undefined;
  }
}

/** Whether a job was begun, or is to be begun never. */
export function hasBegun(folder: string): boolean {
  return claimOf(folder)?.by === "run";
}

/** Makes sure that nobody ever runs a job; `false` when somebody does, or did. */
export function revoke(folder: string): boolean {
  try {
    return make(folder, claimBy("revoke", "")) || claimOf(folder)?.by === "revoke";
  } catch {
    return false;
  }
}

/** Nobody waits for a job any more: whoever has run it does not when its queue starts it again. */
export function closeJob(folder: string): void {
  try {
    replace(folder, claimBy("revoke", ""));
  } catch {
    // Where there is no folder, or no room, it does not begin either.
  }
}

function claimBy(by: Claim["by"], id: string): Claim {
  return { by, host: program.hostname(), pid: program.pid, id };
}

/** Makes the file unless it is there. */
function make(folder: string, claim: Claim): boolean {
  try {
    fs.writeFileSync(`${folder}/${CLAIM_FILE}`, JSON.stringify(claim), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

/** Makes the file, whoever has it. */
function replace(folder: string, claim: Claim): void {
  const aside = `${folder}/${CLAIM_FILE}.${claim.host}.${claim.pid}~`;
  fs.writeFileSync(aside, JSON.stringify(claim));
  fs.renameSync(aside, `${folder}/${CLAIM_FILE}`);
}

/** Who runs a job: a file that whoever comes first has made, and by which later ones know that the job is not theirs. */
import { fs } from "../../runtime/fs.ts";
import { isSameProcess, processSpace, processStart } from "../../runtime/processes.ts";
import { program } from "../../runtime/program.ts";
import { type Claim, CLAIM_FILE, OVER_FILE } from "./job_spec.ts";
import { type Environment, startedAs } from "./started_as.ts";

/** So often a claim is looked at that cannot be read, and the pauses between, in milliseconds: it may just be written. */
const LOOKS = 10, PAUSE = 50;

/** Why a process may not run a job. */
export interface Refusal {
  /** In words, for people. */
  readonly why: string;
  /** It is one of several processes that were started for the same job: it has nothing to do, and that is no failure. */
  readonly sibling: boolean;
}

/** Takes a job for this process; says why not when somebody else has it, or nobody is to have it any more. */
export async function takeClaim(
  folder: string,
  env: Environment = program.env,
): Promise<Refusal | undefined> {
  const mine = claimBy("run", env);
  if (make(folder, mine)) return undefined;
  let theirs = claimOf(folder);
  for (let look = 1; look < LOOKS && theirs === undefined; look++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    theirs = claimOf(folder);
  }
  if (theirs?.by === "revoke") return { why: "nobody waits for this job any more", sibling: false };
  if (isStartedAgain(folder, mine, theirs)) {
    replace(folder, mine);
    return undefined;
  }
  const whose = `process ${theirs?.pid ?? "?"} on host ${theirs?.host ?? "?"}`;
  return theirs !== undefined && areSiblings(mine, theirs)
    ? { why: `process ${mine.rank} of this step has nothing to do: ${whose} runs its job`, sibling: true }
    : { why: `this job is being run by ${whose} already`, sibling: false };
}

/**
 * Whether a queue has started a job again, after the process that had it was lost. That it calls both the same is not enough:
 * all processes of a step, and all that one allocation runs, see the same id.
 */
function isStartedAgain(folder: string, mine: Claim, theirs: Claim | undefined): boolean {
  if (mine.id === "") return false;
  // What cannot be read was being written when the machine went down.
  if (theirs === undefined) return true;
  if (theirs.id !== mine.id) return false;
  if ((mine.restarts ?? 0) > (theirs.restarts ?? 0)) return true;
  // The script of a job is run once a start, whatever the queue counts.
  if (mine.start && theirs.start && mine.start !== theirs.start) return true;
  return isGone(theirs) && !isOver(folder);
}

/** Whether two processes are parts of one step: a command that its launcher has started several times at once. */
function areSiblings(mine: Claim, theirs: Claim): boolean {
  return !!mine.rank && !!theirs.rank && mine.rank !== theirs.rank && mine.step === theirs.step;
}

/** Whether the process of a claim is no more, for certain: elsewhere nobody can tell. */
export function isGone({ host, pid, started, space }: Claim): boolean {
  if (host !== program.hostname() || !started || !space || space !== processSpace()) return false;
  return !isSameProcess(pid, started);
}

/** Whether the process of a claim is there, for certain. */
export function isRunning({ host, pid, started, space }: Claim): boolean {
  if (host !== program.hostname() || !started || !space || space !== processSpace()) return false;
  return isSameProcess(pid, started);
}

/** Whoever has run a job has done so to the end: it is not run again for being gone. */
export function markOver(folder: string): void {
  try {
    fs.writeFileSync(`${folder}/${OVER_FILE}`, "");
  } catch {
    // A run that has all it waited for takes the folder away.
  }
}

/** Whether a job was run to its end. */
export function isOver(folder: string): boolean {
  try {
    return fs.readdirSync(folder).includes(OVER_FILE);
  } catch {
    return false;
  }
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
    return make(folder, claimBy("revoke", () => undefined)) || claimOf(folder)?.by === "revoke";
  } catch {
    return false;
  }
}

/** Nobody waits for a job any more: whoever has run it does not when its queue starts it again. */
export function closeJob(folder: string): void {
  try {
    replace(folder, claimBy("revoke", () => undefined));
  } catch {
    // Where there is no folder, or no room, it does not begin either.
  }
}

function claimBy(by: Claim["by"], env: Environment): Claim {
  const { pid } = program;
  const process = { host: program.hostname(), pid, started: processStart(pid), space: processSpace() };
  return { by, ...process, ...startedAs(env) };
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

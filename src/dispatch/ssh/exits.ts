/** What the exit of an `ssh` client says: of the connection, of the other host, or of the job itself. Pure. */
import type { Job } from "../../model/job.ts";
import { type Exit, readExit } from "../attached/exits.ts";
import { lastWords } from "../../model/last_words.ts";
import type { Reading } from "../attached/way.ts";
import { SSH_FAILED, VOICE } from "./remote.ts";

/** A connection that was refused since there are too many, not since nobody is there. */
const TOO_MANY = /kex_exchange_identification|ssh_exchange_identification|Connection (?:reset|closed) by/;

/** An exit, and what is known besides. */
export interface SshExit {
  readonly job: Job;
  readonly host: string;
  readonly exit: Exit;
  readonly log: string;
  /** The other side has begun. */
  readonly began: boolean;
}

/** Reads an exit. `unreachable`: the host should not be asked again for a while. */
export function readSshExit(
  { host, exit, log, began }: SshExit,
): (Reading & { readonly unreachable?: boolean }) | undefined {
  const { code } = exit;
  const lines = log.split("\n");
  const own = lines.findLast((line) => line.startsWith(VOICE))?.slice(VOICE.length).trim();
  const others = lines.filter((line) => !line.startsWith(VOICE)).join("\n");
  const said = lastWords(others);
  const last = said === undefined ? "" : `: ${said}`;
  if (code === SSH_FAILED && !(own?.endsWith(`exit code ${SSH_FAILED}`) ?? false)) {
    return began
      ? { reason: "infra", text: `the connection to host ${host} was lost while the job ran${last}` }
      : {
        reason: "infra",
        text: `host ${host} cannot be reached${last}`,
        neverBegan: true,
        unreachable: !TOO_MANY.test(others),
      };
  }
  if (code === 126 && !began && own !== undefined) {
    return {
      reason: "infra",
      text: `host ${host} does not see the job's files, which must be there under the same path: ${own}`,
      neverBegan: true,
    };
  }
  if (code === 0) return undefined;
  const { reason, text } = readExit(exit, said);
  return { reason, text: `the command ${text} on host ${host}${last}` };
}

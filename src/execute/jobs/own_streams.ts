/** Where a job's process prints to. */
import { fs } from "../../runtime/fs.ts";
import { COMMAND_OUTPUT } from "./job_spec.ts";

/**
 * The files of a job's command, where the streams of this process are those very files and no copies of them on their way: what
 * its attempt prints is in them at once, by whatever it prints. `undefined` where that is not so, or where nobody tells.
 */
export function ownStreams(folder: string): { readonly stdout: string; readonly stderr: string } | undefined {
  const { stdout, stderr } = COMMAND_OUTPUT;
  const files = { stdout: `${folder}/${stdout}`, stderr: `${folder}/${stderr}` };
  try {
    const same = fs.readlinkSync("/proc/self/fd/1") === files.stdout &&
      fs.readlinkSync("/proc/self/fd/2") === files.stderr;
    return same ? files : undefined;
  } catch {
    return undefined;
  }
}

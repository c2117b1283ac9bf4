/** The file that says what a job is to do: written by its run, read where it is to be done. */
import { decode } from "../../model/codec/decode.ts";
import { EnvironmentError } from "../../model/failure.ts";
import { program } from "../../runtime/program.ts";
import { JOB_FORMAT, type JobSpec } from "./job_spec.ts";
import { readWhole, readWholeFirst, writeWhole } from "./letters.ts";
import { specOfText, textOfSpec } from "./spec_text.ts";

/** The folder of a job, by its specification. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"))) || ".";
}

/** Writes a specification. */
export function writeSpec(file: string, spec: JobSpec): void {
  writeWhole(file, new TextEncoder().encode(textOfSpec(spec)));
}

/**
 * Reads one, on the side of runs.
 *
 * @throws {Error} when it is not there, or not as it was written.
 */
export function specIn(file: string): JobSpec {
  return specOf(readWhole(file));
}

function specOf(bytes: Uint8Array): JobSpec {
  return specOfText(new TextDecoder().decode(bytes));
}

/**
 * Reads one where it is to be done.
 *
 * @throws {EnvironmentError} when it cannot be read here, or is of another version.
 */
export async function readSpec(file: string, version: string): Promise<JobSpec> {
  const here = `on host ${program.hostname()}`;
  let spec: JobSpec;
  try {
    spec = specOf(await readWholeFirst(file));
  } catch (error) {
    const absent = (error as { code?: string }).code === "ENOENT";
    throw new EnvironmentError(
      absent
        ? `There is no file ${file} ${here}: the job's folder has to be visible there under the same path (a shared file system, a mount of the container)`
        : `The job's specification cannot be read ${here}: ${(error as Error).message}`,
    );
  }
  if (spec.format === JOB_FORMAT && spec.version === version) return spec;
  throw new EnvironmentError(
    `The job was written by runner ${spec.version} on host ${spec.host}, and this is runner ${version} ${here}: start the same version there`,
  );
}

/** An error as a person reads it. */
export function errorText(bytes: Uint8Array): string {
  const error = decode(bytes) as Error;
  return error.stack ?? `${error.name}: ${error.message}`;
}

/** What of this machine a container sees: the same paths inside as outside. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Job } from "../../model/job.ts";
import type { DockerRule } from "./rule.ts";

/** One path of this machine inside a container. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
}

/** The folder of a cache in which the folders of jobs are. */
const JOBS = "/~jobs/";

/** Everything that a job of a rule has to see. */
export function mountsOf(rule: DockerRule, job: Job, denoFolder: string | undefined): readonly Mount[] {
  const at = job.folder.lastIndexOf(JOBS);
  return withoutNested([
    ...same(job.cwd),
    ...same(at < 0 ? job.folder : job.folder.slice(0, at)),
    ...(rule.runner === undefined ? program(job.command, denoFolder) : []),
    ...(rule.mounts ?? []).map(readMount),
  ]);
}

/** A path as it is, and as it is without links: programs resolve them. */
function same(file: string, readonly = false): readonly Mount[] {
  let real = file;
  try {
    real = fs.realpathSync(file);
  } catch {
    // The engine will say that it is not there.
  }
  return [...new Set([file, real])].map((one) => ({ source: one, target: one, readonly }));
}

/** What of this program is on this machine's disk: its executable, the folders of its source files, downloaded modules. */
function program(command: readonly string[], denoFolder: string | undefined): readonly Mount[] {
  const [first, ...rest] = command;
  if (first !== process.execPath) return [];
  const files = rest.map((word) => word.startsWith("file:") ? fileURLToPath(word) : word)
    .filter((word) => path.isAbsolute(word) && /\.[mc]?[jt]s$/.test(word) && fs.existsSync(word));
  return [
    ...same(first, true),
    ...files.flatMap((file) => same(path.dirname(file), true)),
    ...(denoFolder === undefined ? [] : same(denoFolder)),
  ];
}

/** Where Deno keeps what it has downloaded, if it has. */
export function denoFolder(): string | undefined {
  const home = os.homedir();
  const cache = process.platform === "darwin"
    ? `${home}/Library/Caches`
    : process.env["XDG_CACHE_HOME"] ?? `${home}/.cache`;
  const folder = path.resolve(process.env["DENO_DIR"] ?? `${cache}/deno`);
  return fs.existsSync(folder) ? folder : undefined;
}

/** Reads `/data`, `/data:ro`, `/data:/inside`, `/data:/inside:ro`. */
export function readMount(text: string): Mount {
  const readonly = text.endsWith(":ro");
  const paths = text.replace(/:r[ow]$/, "");
  const at = paths.indexOf(":/");
  const [source, target] = at < 0 ? [paths, paths] : [paths.slice(0, at), paths.slice(at + 1)];
  return { source: path.resolve(source), target: path.resolve(target), readonly };
}

/** Without those that others show already. */
function withoutNested(mounts: readonly Mount[]): readonly Mount[] {
  const kept: Mount[] = [];
  // Parents before what is in them, and what may be written before what may not.
  const order = [...mounts].sort((a, b) =>
    a.target.length - b.target.length || Number(a.readonly) - Number(b.readonly)
  );
  for (const mount of order) {
    const shown = kept.findLast(({ target }) => isWithin(mount.target, target));
    const sameFile = shown !== undefined &&
      path.join(shown.source, path.relative(shown.target, mount.target)) === mount.source;
    if (!sameFile || shown.readonly && !mount.readonly) kept.push(mount);
  }
  return kept;
}

/** Whether a path is a folder or in it. */
export function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** What `--mount` is told: a line of comma-separated values, in which any path can stand. */
export function mountText({ source, target, readonly }: Mount): string {
  const fields = ["type=bind", `source=${source}`, `target=${target}`, ...(readonly ? ["readonly"] : [])];
  return fields.map((field) => /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field).join(",");
}

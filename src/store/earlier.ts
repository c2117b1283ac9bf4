/** Reading what entries say of what they were computed from: for explanations, so the newest few are enough. */
import type { StoredFile } from "../model/files.ts";
import { fs } from "../runtime/fs.ts";
import { stamp } from "../runtime/runtime.ts";
import type { EarlierEntry } from "./cache.ts";

/** So many calls of a task are looked at. */
const MOST_CALLS = 40;
/** Of tasks with more calls than this only some are looked at: their times would cost too much. */
const MOST_STAMPS = 2_000;

/** The folders of a task's calls, the newest first. */
export function newestFolders(results: string): string[] {
  const names = listed(results).slice(0, MOST_STAMPS);
  return byAge(names.map((name) => `${results}/${name}`)).slice(0, MOST_CALLS);
}

/** The newest entries of a call, as far as they can be read, each read when it is asked for. */
export function* newestEntries(folder: string, most: number): Iterable<EarlierEntry> {
  for (const file of entryFiles(folder).slice(0, most)) {
    const entry = readEntry(file);
    if (entry !== undefined) yield entry;
  }
}

/** The outputs of a call's entries, the newest first, each read when it is asked for; what cannot be read counts for nothing. */
export function* newestOutputs(folder: string): Iterable<readonly StoredFile[]> {
  for (const file of entryFiles(folder)) {
    try {
      const { outputs } = JSON.parse(fs.readFileSync(file, "utf8")) as { outputs?: readonly StoredFile[] };
      if (Array.isArray(outputs)) yield outputs.filter(isStored);
    } catch {
      // It has gone, or is no entry.
    }
  }
}

/** Whether something is an output as entries hold them, as far as it is looked at here. */
function isStored(file: Partial<StoredFile> | null): boolean {
  return typeof file?.path === "string" && typeof file.kind === "string";
}

/** The folders of a task's calls, in any order. */
export function foldersIn(results: string): string[] {
  return listed(results).map((name) => `${results}/${name}`);
}

/** How many results a call has. */
export function countEntries(folder: string): number {
  return listed(folder).filter((name) => name.endsWith(".result.gz")).length;
}

/** The result files of a call, the newest first. */
export function newestResults(folder: string): string[] {
  return byAge(
    listed(folder).filter((name) => name.endsWith(".result.gz")).map((name) => `${folder}/${name}`),
  );
}

/** The files in which entries say what they are, the newest first. */
function entryFiles(folder: string): string[] {
  return byAge(
    listed(folder).filter((name) => /^[0-9a-f]{32}\.json$/.test(name)).map((name) => `${folder}/${name}`),
  );
}

function listed(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** Paths, the newest first. */
function byAge(paths: readonly string[]): string[] {
  if (paths.length < 2) return [...paths];
  return paths.map((path) => [path, stamp(path)?.mtime ?? 0] as const)
    .sort((one, other) => other[1] - one[1]).map(([path]) => path);
}

/** One entry; whatever is not as it should be is taken for empty, since nothing but an explanation rests on it. */
function readEntry(file: string): EarlierEntry | undefined {
  try {
    const entry = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<EarlierEntry>;
    return {
      key: entry.key ?? "",
      fields: entry.fields ?? undefined,
      code: entry.code ?? { digest: "", parts: {} },
      env: entry.env ?? [],
      files: entry.files ?? {},
      found: entry.found ?? [],
      params: entry.params ?? {},
      upstreams: entry.upstreams ?? [],
      calls: entry.calls ?? [],
    };
  } catch {
    return undefined;
  }
}

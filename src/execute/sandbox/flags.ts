/** Permissions as Deno's flags. Pure, but for the meaning of paths on this system. */
import { isAbsolute, relative, resolve } from "node:path";
import { type PermissionName, type PermissionRule, PERMISSIONS } from "../../model/permissions.ts";

/** Kinds whose texts are paths. */
export const PATHS: ReadonlySet<PermissionName> = new Set<PermissionName>(["read", "write", "ffi"]);

/** The most bytes that a system surely takes as one argument, and as all of them together. */
const MOST = { one: 100_000, all: 1_500_000 } as const;

/** A rule in which paths are in full, so that they mean the same whatever becomes of the working folder. */
export function absoluteRule(rule: PermissionRule, cwd: string): PermissionRule {
  return Object.fromEntries(
    Object.entries(rule).map(([name, given]) => [
      name,
      given === true || !PATHS.has(name as PermissionName) ? given : given.map((path) => resolve(cwd, path)),
    ]),
  );
}

/** Paths that are not to be reached although a folder above them may be. */
export interface Denied {
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** The flags of a rule; or, as a text, why there can be none. */
export function permissionFlags(rule: PermissionRule, denied: Denied): readonly string[] | string {
  const flags = PERMISSIONS.flatMap((name) => {
    const given = rule[name];
    return given === undefined
      ? []
      : given === true
      ? [`--allow-${name}`]
      : flagsOf(`--allow-${name}`, given);
  });
  flags.push(...flagsOf("--deny-read", denied.read), ...flagsOf("--deny-write", denied.write));
  const bytes = flags.reduce((sum, flag) => sum + flag.length * 3, 0);
  if (bytes > MOST.all) {
    return "there are too many files for a sandbox, whose process is told of each: declare fewer inputs, or permit their folder with `permissions.read` instead";
  }
  return flags;
}

/** A flag with a list, in as many arguments as it takes. */
function flagsOf(flag: string, texts: readonly string[]): string[] {
  const flags: string[] = [];
  let line = "";
  for (const text of texts) {
    const escaped = text.replaceAll(",", ",,");
    if (line !== "" && line.length + escaped.length > MOST.one / 3) {
      flags.push(`${flag}=${line}`);
      line = "";
    }
    line += line === "" ? escaped : `,${escaped}`;
  }
  if (line !== "") flags.push(`${flag}=${line}`);
  return flags;
}

/** Whether a path is one of some paths, or lies below one; all in full. */
export function covers(given: true | readonly string[] | undefined, path: string): boolean {
  return given === true || (given ?? []).some((one) => isWithin(path, one));
}

/** Whether a path is a folder or lies below it; both in full. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || way !== ".." && !way.startsWith("../") && !way.startsWith("..\\") && !isAbsolute(way);
}

/** The variables of an environment that a rule names; a `*` at the end of a name stands for any ending. */
export function permittedEnv(
  given: true | readonly string[] | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const names = given === true ? [] : given ?? [];
  const isNamed = (name: string): boolean =>
    given === true ||
    names.some((one) => one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one);
  const permitted: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isNamed(name)) permitted[name] = value;
  }
  return permitted;
}

/** What a sandboxed task may do in the end: its permissions, the files it declares, the variables it declares. Pure. */
import type { OutputRule, SeenFile } from "../../model/files.ts";
import { type PermissionName, type PermissionRule, PERMISSIONS } from "../../model/permissions.ts";

/** What of a task's definition decides what its process may do. */
export interface Sandboxed {
  readonly permissions: PermissionRule | undefined;
  readonly hermetic: boolean;
  /** Variables that its result depends on. */
  readonly env?: readonly string[];
}

/** Declared files, as rules or as they were found. */
export interface DeclaredFiles {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What a task may do. */
export interface EffectivePermissions {
  readonly rule: PermissionRule;
  /** The same for people, a line for each kind. */
  readonly lines: readonly string[];
}

/**
 * What a task may do: what its `permissions` name, its declared inputs for reading, its declared outputs for writing, and the
 * variables it declares. Unless it is hermetic it may read its outputs too: what an earlier attempt has left in them is no
 * declared input.
 */
export function effectivePermissions(
  { permissions = {}, hermetic, env = [] }: Sandboxed,
  files: DeclaredFiles = { inputs: [], outputs: [] },
): EffectivePermissions {
  const own: { readonly [Name in PermissionName]?: readonly string[] } = {
    read: hermetic ? files.inputs : [...files.inputs, ...files.outputs],
    write: files.outputs,
    env,
  };
  const rule: { -readonly [Name in PermissionName]?: true | readonly string[] } = {};
  for (const name of PERMISSIONS) {
    const given = permissions[name];
    const list = given === true ? [] : [...new Set([...given ?? [], ...own[name] ?? []])];
    if (given === true) rule[name] = true;
    else if (list.length > 0) rule[name] = list;
  }
  return { rule, lines: PERMISSIONS.map((name) => lineOf(name, rule[name])) };
}

/** One kind of permission, for people. */
function lineOf(name: PermissionName, given: true | readonly string[] | undefined): string {
  if (given === undefined) return `${name}: nothing`;
  const text = given === true ? "everything" : given.join(", ");
  // Whatever was started or loaded is machine code that nobody watches.
  return `${name}: ${text}${name === "run" || name === "ffi" ? " (not held to any of this)" : ""}`;
}

/**
 * The declared files of an attempt, as paths that can be permitted: of an output that is a glob, the folder its files lie in.
 * `folders` hold inputs and nothing else.
 */
export function declaredFiles(
  files: readonly SeenFile[] | undefined,
  outputs: readonly OutputRule[] | undefined,
  folders: readonly string[] = [],
): DeclaredFiles {
  const rules = (outputs ?? []).map((rule) => typeof rule === "string" ? rule : rule.path);
  // Who goes on from what it wrote has to read it.
  const precious = (outputs ?? []).flatMap((rule) =>
    typeof rule !== "string" && rule.precious === true ? [folderOfGlob(rule.path)] : []
  );
  return {
    inputs: [...folders, ...(files ?? []).map((file) => file.path), ...precious],
    outputs: [...new Set(rules.filter((rule) => !rule.startsWith("!")).map(folderOfGlob))],
  };
}

/** The part of a glob before its first pattern; a path that is none stays as it is. */
function folderOfGlob(path: string): string {
  const parts = path.split("/");
  const magic = parts.findIndex((part) => /[*?[\]{}]|[@+!]\(/.test(part));
  if (magic < 0) return path;
  return parts.slice(0, magic).join("/") || (path.startsWith("/") ? "/" : ".");
}

/** What the process of a task may do, where the task declares it: nothing else. */
import { readable } from "./readable.ts";
import { unknownName } from "./suggest.ts";

/** What can be permitted; the words are those of Deno. */
export type PermissionName = "read" | "write" | "net" | "env" | "run" | "ffi" | "sys";

/** All of them, in the order in which they are shown. */
export const PERMISSIONS: readonly PermissionName[] = ["read", "write", "net", "env", "run", "ffi", "sys"];

/**
 * What a task may do: by kind `true` for all of it, or a list: of paths (`read`, `write`, `ffi`), of hosts (`net`), of variables
 * (`env`), of programs (`run`), of facts about the system (`sys`). What is not named is not permitted.
 *
 * A program that may be run is not held to any of this itself: whoever permits `run` has no sandbox any more.
 */
export type Permissions = { readonly [Name in PermissionName]?: boolean | readonly string[] };

/** Permissions, read and checked: `true`, or a list that is not empty; what is not permitted is absent. */
export type PermissionRule = { readonly [Name in PermissionName]?: true | readonly string[] };

/** Reads permissions; gives what is wrong with them as a text. */
export function permissionRule(given: unknown): PermissionRule | string {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return `\`permissions\` is a record, as in { read: ["data"], net: ["example.org"] }, not ${
      readable(given)
    }`;
  }
  const unknown = unknownName("permissions", given, PERMISSIONS);
  if (unknown !== undefined) return unknown;
  const rule: { -readonly [Name in PermissionName]?: true | readonly string[] } = {};
  for (const [name, value] of Object.entries(given)) {
    const isList = Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "");
    if (typeof value !== "boolean" && value !== undefined && !isList) {
      return `\`permissions.${name}\` is true, false or a list of texts, not ${readable(value)}`;
    }
    if (isList && value.some((one: string) => one.includes(","))) {
      return `\`permissions.${name}\`: a comma would part the text in two; list the parts one by one`;
    }
    if (value === true) rule[name as PermissionName] = true;
    else if (isList && value.length > 0) rule[name as PermissionName] = [...value];
  }
  return rule;
}

/**
 * What a task's options permit, `undefined` where they say nothing of it; or, as a text, what is wrong with them: a task without a
 * sandbox has nobody who would hold it to them.
 */
export function declaredPermissions(
  options: Readonly<Record<string, unknown>>,
): PermissionRule | undefined | string {
  const { isolation, hermetic, permissions } = options;
  if (permissions === undefined && hermetic !== true) return isolation === "sandbox" ? {} : undefined;
  if (isolation !== undefined && isolation !== "sandbox") {
    const which = permissions === undefined ? "hermetic" : "permissions";
    return `\`${which}\` needs a sandbox: leave \`isolation\` out, or say isolation: "sandbox"`;
  }
  if (hermetic === true && options["inputs"] === undefined && options["outputs"] === undefined) {
    return "`hermetic` is about declared files: declare `inputs` or `outputs`, or leave it out";
  }
  return permissionRule(permissions ?? {});
}

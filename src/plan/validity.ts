/** What an entry's validity rests on: a struct with a reason for each field, and its digest. */
import { validityOf } from "../model/digest.ts";
import type { Digest, Validity } from "../model/id.ts";

/** Everything but the key that decides whether a stored result may be used. */
export interface ValidityParts {
  /** The task's code, or its declared version: an edit re-runs it. */
  readonly code: string;
  /** The results of the calls in the input and in `deps`, in order: a changed one re-runs it, an equal one does not. */
  readonly upstreams: readonly Digest[];
  /** The declared environment variables as `NAME=value`; one that is not set stands without `=`. */
  readonly env: readonly string[];
  /** The declared input files and what they are, as text; absent when none are declared. */
  readonly files?: string;
}

const VERSION = "runner validity 1";
/** What calls of one task have in common, by code and environment: written once, since there may be many calls. */
const heads = new WeakMap<readonly string[], Map<string, string>>();
const alone = new Map<string, Validity>();
/** The head that was asked for last: calls of one task come one after another. */
let last: { readonly env: readonly string[]; readonly code: string; readonly head: string } | undefined;

/** The validity of parts. */
export function validity(parts: ValidityParts): Validity {
  const head = headOf(parts.code, parts.env);
  const files = parts.files === undefined ? "" : `\0${parts.files}`;
  if (parts.upstreams.length > 0) return validityOf(head + parts.upstreams.join("") + files);
  if (files !== "") return validityOf(head + files);
  // Calls without upstreams share the validity of their task.
  let known = alone.get(head);
  if (known === undefined) alone.set(head, known = validityOf(head));
  return known;
}

function headOf(code: string, env: readonly string[]): string {
  if (last !== undefined && last.env === env && last.code === code) return last.head;
  let byCode = heads.get(env);
  if (byCode === undefined) heads.set(env, byCode = new Map());
  let head = byCode.get(code);
  if (head === undefined) byCode.set(code, head = `${VERSION}\0${code}\0${JSON.stringify(env)}\0`);
  last = { env, code, head };
  return head;
}

/** The declared variables of an environment, as they enter the validity. */
export function envParts(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return names.map((name) => env[name] === undefined ? name : `${name}=${env[name]}`);
}

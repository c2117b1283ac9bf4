/** Decodes errors: the inverse of encode_error.ts. */

import { ENTRIES, PROPERTIES } from "./containers.ts";
import type { DecodeState } from "./decode_state.ts";
import { ERROR_KINDS, HAS_CAUSE, HAS_ERRORS, HAS_MESSAGE, HAS_STACK } from "./tags.ts";

/** The values of an error by its flags. */
const FIELDS: Readonly<Record<number, readonly string[]>> = {
  [HAS_CAUSE]: ["cause"],
  [HAS_ERRORS]: ["errors"],
  [HAS_CAUSE | HAS_ERRORS]: ["cause", "errors"],
};

/** Reads the header of an error and opens its values; throws `CodecError` (corrupt). */
export function decodeError(state: DecodeState): Error {
  const input = state.in;
  const kind = input.byte();
  const flags = input.byte();
  if (kind >= ERROR_KINDS.length) input.fail(`there is no error kind ${kind}`);
  if (flags > (HAS_MESSAGE | HAS_STACK | HAS_CAUSE | HAS_ERRORS)) input.fail("an error has unknown parts");
  const name = input.taggedString();
  const message = (flags & HAS_MESSAGE) === 0 ? undefined : input.taggedString();
  const stack = (flags & HAS_STACK) === 0 ? undefined : input.taggedString();
  const names = input.count(2);
  const error = state.add(create(kind, message, name));
  if (error.name !== name) hide(error, "name", name);
  hide(error, "stack", stack);
  // Reserved in order, and not enumerable, before the values are there.
  for (const field of FIELDS[flags & (HAS_CAUSE | HAS_ERRORS)] ?? []) hide(error, field, undefined);
  if (names > 0) state.push(ENTRIES, error, names);
  const fields = FIELDS[flags & (HAS_CAUSE | HAS_ERRORS)];
  if (fields !== undefined) state.push(PROPERTIES, error, fields.length, fields);
  return error;
}

function create(kind: number, message: string | undefined, name: string): Error {
  switch (ERROR_KINDS[kind]) {
    case "EvalError":
      return new EvalError(message);
    case "RangeError":
      return new RangeError(message);
    case "ReferenceError":
      return new ReferenceError(message);
    case "SyntaxError":
      return new SyntaxError(message);
    case "TypeError":
      return new TypeError(message);
    case "URIError":
      return new URIError(message);
    case "AggregateError": {
      const error = new AggregateError([], message);
      // It may have been deleted; if not it is set again.
      delete (error as { errors?: unknown }).errors;
      return error;
    }
    case "DOMException":
      return new DOMException(message, name);
    default:
      return new Error(message);
  }
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}

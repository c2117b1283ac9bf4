/**
 * Encodes errors: kind byte, flags, name, then message and stack if there are any, the number of own
 * properties, and the values: cause, errors, (key, value)*.
 */

import { ENTRIES, PROPERTIES } from "./containers.ts";
import type { EncodeState } from "./encode_state.ts";
import { ERROR, ERROR_FIELDS, ERROR_KINDS, HAS_CAUSE, HAS_ERRORS, HAS_MESSAGE, HAS_STACK } from "./tags.ts";

/** Writes the header of an error and opens its values. The nearest built-in class is kept, with the name. */
export function encodeError(state: EncodeState, error: Error): void {
  const out = state.out;
  const { name, message, stack } = error as { name: unknown; message: unknown; stack?: unknown };
  const kind = kindOf(error);
  const hasMessage = typeof message === "string" && (message !== "" || Object.hasOwn(error, "message"));
  const hasStack = typeof stack === "string";
  const fields: string[] = [];
  if (Object.hasOwn(error, "cause")) fields.push("cause");
  if (Object.hasOwn(error, "errors")) fields.push("errors");
  out.byte(ERROR);
  out.byte(kind);
  out.byte(
    (hasMessage ? HAS_MESSAGE : 0) | (hasStack ? HAS_STACK : 0) |
      (fields.includes("cause") ? HAS_CAUSE : 0) | (fields.includes("errors") ? HAS_ERRORS : 0),
  );
  out.string(typeof name === "string" ? name : ERROR_KINDS[kind]!);
  if (hasMessage) out.string(message);
  if (hasStack) out.string(stack);
  const keys = Object.keys(error).filter((key) => !ERROR_FIELDS.has(key));
  if (state.canonical) keys.sort();
  out.varint(keys.length);
  // Opened in reverse: the innermost container is written first.
  if (keys.length > 0) state.push(ENTRIES, error, keys, keys.length);
  if (fields.length > 0) state.push(PROPERTIES, error, fields, fields.length);
}

function kindOf(error: Error): number {
  if (error instanceof DOMException) return ERROR_KINDS.indexOf("DOMException");
  if (error instanceof EvalError) return ERROR_KINDS.indexOf("EvalError");
  if (error instanceof RangeError) return ERROR_KINDS.indexOf("RangeError");
  if (error instanceof ReferenceError) return ERROR_KINDS.indexOf("ReferenceError");
  if (error instanceof SyntaxError) return ERROR_KINDS.indexOf("SyntaxError");
  if (error instanceof TypeError) return ERROR_KINDS.indexOf("TypeError");
  if (error instanceof URIError) return ERROR_KINDS.indexOf("URIError");
  if (error instanceof AggregateError) return ERROR_KINDS.indexOf("AggregateError");
  return 0;
}

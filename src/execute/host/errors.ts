/** Errors on their way out of a task: any thrown value becomes an error that keeps its class name, stack, cause and data. */
import { encode } from "../../model/codec/encode.ts";

/** Anything that was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (typeof thrown === "object" && thrown !== null && typeof (thrown as Error).message === "string") {
    return thrown as Error;
  }
  let text: string;
  try {
    text = typeof thrown === "string" ? thrown : JSON.stringify(thrown) ?? String(thrown);
  } catch {
    text = String(thrown);
  }
  const error = new Error(`something that is no Error was thrown: ${text}`);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** The name of an error's class. */
export function errorName(error: Error): string {
  const { name } = error;
  // A subclass that does not set `name` is still known by its constructor.
  return (name === "Error" || name === undefined) && error.constructor?.name
    ? error.constructor.name
    : String(name);
}

/** An error as the codec's bytes; what it holds that cannot be stored is left out rather than lost with the whole. */
export function errorBytes(thrown: unknown): Uint8Array {
  const error = asError(thrown);
  const name = errorName(error);
  try {
    if (error.name === name) return encode(error);
    const named = Object.assign(new Error(error.message), error);
    Object.defineProperty(named, "name", { value: name, configurable: true, writable: true });
    Object.defineProperty(named, "stack", { value: error.stack, configurable: true, writable: true });
    if ("cause" in error) {
      Object.defineProperty(named, "cause", { value: error.cause, configurable: true, writable: true });
    }
    return encode(named);
  } catch {
    const plain = new Error(String(error.message));
    Object.defineProperty(plain, "name", { value: name, configurable: true, writable: true });
    plain.stack = String(error.stack);
    const { cause } = error;
    if (cause !== undefined) {
      Object.defineProperty(plain, "cause", {
        value: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
        configurable: true,
        writable: true,
      });
    }
    return encode(plain);
  }
}

/**
 * What a sandboxed process says, taken as no more than its word: the task that runs in it may have put anything into the pipe.
 * Only what a host can say is let through, in its right form, and never where anything is to be stored. Pure.
 */
import { decode } from "../../model/codec/decode.ts";
import type { Ask, Asked } from "../../model/ask.ts";
import type { FailureReason } from "../../model/retry.ts";
import type { AttemptResult } from "../host/run_attempt.ts";

/** The end of an attempt, as it is claimed. */
export interface ClaimedEnd {
  readonly kind: "ended";
  readonly millis: number;
  /** What became of it; `cancelled` when it did not begin. */
  readonly result: AttemptResult | { readonly kind: "cancelled" };
  /** What it found out, if that was anything. */
  readonly trace: ClaimedTrace | undefined;
  /** The validity that followed from it; empty where there was none. */
  readonly validity: string;
}

/** What an attempt found out that its result depends on. */
export interface ClaimedTrace {
  readonly files: readonly string[];
  readonly params: readonly string[];
  /** By question: how many files, parameters and answers it knew before. */
  readonly known: readonly ClaimedKnown[];
}

/** How much was known when something was asked. */
export type ClaimedKnown = Readonly<Record<"files" | "params" | "asks", number>>;

/** What a process says. */
export type Claim =
  | ClaimedEnd
  | { readonly kind: "nothing" }
  | { readonly kind: "begun" }
  | { readonly kind: "ask"; readonly asks: readonly Ask[] }
  | { readonly kind: "exiting"; readonly code: number; readonly error: Uint8Array }
  | { readonly kind: "warning"; readonly message: string }
  | { readonly kind: "broken"; readonly message: string };

/** Thrown for what no host says. */
export class NoClaim extends Error {
  override readonly name = "NoClaim";
}

/** The longest text that is shown, in characters. */
const MOST_TEXT = 20_000;

/**
 * Reads a message of a process that runs the only item of a batch.
 *
 * @throws {NoClaim} when it is not one that a host could have sent.
 */
export function readClaim(message: unknown, batch: number): Claim {
  const said = record(message, "a message");
  switch (said["kind"]) {
    case "ready":
      return { kind: "nothing" };
    case "begun":
      same(said["batch"], batch);
      return { kind: "begun" };
    case "ended":
      same(said["batch"], batch);
      return readEnd(said);
    case "ask":
      return { kind: "ask", asks: list(said["asks"], "the questions").map((ask) => readAsk(ask, batch)) };
    case "exiting":
      same(said["batch"], batch);
      return { kind: "exiting", code: integer(said["code"]), error: errorIn(said["error"]) };
    case "warning":
      return { kind: "warning", message: text(said["message"]) };
    case "broken":
      return { kind: "broken", message: text(said["message"]) };
    default:
      throw new NoClaim("there is no such message");
  }
}

function readEnd(said: Fields): Claim {
  const items = list(said["items"], "the items");
  if (items.length === 0) return { kind: "nothing" };
  if (items.length !== 1 || items[0] !== 0) throw new NoClaim("there is only one item");
  const millis = list(said["millis"], "the times")[0];
  if (typeof millis !== "number" || !(millis >= 0)) throw new NoClaim("a time is no number");
  const [pair] = list(said["special"], "what is special");
  const special = pair === undefined ? {} : record(list(pair, "what is special")[1], "what is special");
  const { traced } = special;
  const validity = special["validity"] ?? "";
  if (typeof validity !== "string") throw new NoClaim("a validity is no text");
  const found = strings(special["found"] ?? []);
  const trace = traced !== undefined
    ? readTrace(record(traced, "what was found out"))
    : found.length > 0
    ? { files: found, params: [], known: [] }
    : undefined;
  return { kind: "ended", millis, result: readResult(special, said["bytes"]), trace, validity };
}

function readResult(special: Fields, bytes: unknown): ClaimedEnd["result"] {
  if (special["failed"] !== undefined) return { kind: "failed", failed: readFailed(special["failed"]) };
  if (special["cancelled"] === true) return { kind: "cancelled" };
  if (special["skipped"] !== undefined) return { kind: "skipped", why: text(special["skipped"]) };
  if (!(bytes instanceof Uint8Array)) throw new NoClaim("a result is no bytes");
  // Whoever reads it later would fail in its place.
  readable(bytes, "the result");
  return {
    kind: "value",
    bytes,
    follow: special["follow"] === true,
    ...(special["unchanged"] === true && { unchanged: true as const }),
  };
}

const REASONS: readonly FailureReason[] = ["error", "unclonable"];

function readFailed(value: unknown): Extract<AttemptResult, { kind: "failed" }>["failed"] {
  const failed = record(value, "a failure");
  const reason = REASONS.find((one) => one === failed["reason"]);
  if (reason === undefined) throw new NoClaim("a failure has no such reason");
  return {
    reason,
    error: errorIn(failed["error"]),
    errorName: text(failed["errorName"]).slice(0, 200),
    retriable: failed["retriable"] === true,
    ...(typeof failed["definition"] === "string" && { definition: text(failed["definition"]) }),
  };
}

function readTrace(traced: Fields): ClaimedTrace {
  const known = list(traced["asks"], "the calls").map((ask) => {
    const { files, params, asks } = record(record(ask, "a call")["known"], "what was known");
    return { files: integer(files), params: integer(params), asks: integer(asks) };
  });
  return { files: strings(traced["files"]), params: strings(traced["params"]), known };
}

function readAsk(value: unknown, batch: number): Ask {
  const ask = record(value, "a question");
  same(ask["batch"], batch);
  same(ask["item"], 0);
  return { id: integer(ask["id"]), batch, item: 0, asked: readAsked(record(ask["asked"], "a question")) };
}

function readAsked(asked: Fields): Asked {
  switch (asked["kind"]) {
    case "calls": {
      const { expression } = asked;
      if (!(expression instanceof Uint8Array)) throw new NoClaim("an expression is no bytes");
      return {
        kind: "calls",
        expression,
        wait: asked["wait"] === true,
        chunk: integer(asked["chunk"]),
      };
    }
    case "names": {
      const want = (["names", "start", "values"] as const).find((one) => one === asked["want"]);
      if (want === undefined) throw new NoClaim("names are asked for nothing");
      return { kind: "names", patterns: strings(asked["patterns"]), want };
    }
    case "person":
      return { kind: "person", message: text(asked["message"]), secret: asked["secret"] === true };
    default:
      throw new NoClaim("there is no such question");
  }
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new NoClaim(`${what} is none`);
  }
  return value as Fields;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new NoClaim(`${what} are no list`);
  return value;
}

function strings(value: unknown): readonly string[] {
  const all = list(value, "some texts");
  if (!all.every((one) => typeof one === "string")) throw new NoClaim("a text is none");
  return all as readonly string[];
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new NoClaim("a text is none");
  return value.slice(0, MOST_TEXT);
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new NoClaim("a number is none");
  return value as number;
}

function same(value: unknown, wanted: number): void {
  if (value !== wanted) throw new NoClaim("it is about another batch");
}

/** The bytes of an error. */
function errorIn(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new NoClaim("an error is no bytes");
  const error = readable(value, "an error");
  if (typeof error !== "object" || error === null || typeof (error as Error).message !== "string") {
    throw new NoClaim("an error is none");
  }
  return value;
}

/** What bytes stand for; they must stand for something. */
function readable(bytes: Uint8Array, what: string): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    throw new NoClaim(`${what} cannot be read: ${(error as Error).message}`);
  }
}

/** Reports for programs: one JSON object a line for each event. */
import { causeText } from "../model/cause.ts";
import type { RunEvent } from "../model/event.ts";
import type { NodeFailure } from "../model/failure.ts";
import { readable } from "../model/readable.ts";

/** The version of the events' format. */
const VERSION = 1;
/** The most causes of causes that are told. */
const MOST_CAUSES = 10;
/** Values are told to this depth. */
const MOST_DEPTH = 200;

/** Writes each event as a line. */
export class JsonReporter {
  constructor(private readonly write: (text: string) => void) {}

  /** Takes an event. */
  handle(event: RunEvent): void {
    this.write(`${JSON.stringify(jsonEvent(event))}\n`);
  }

  /** The last line: the value; `null` where there is none. */
  value(value: unknown): void {
    this.write(`${JSON.stringify({ v: VERSION, kind: "value", value: jsonValue(value) ?? null })}\n`);
  }

  /** The last line of a run that has no value. */
  error(name: string, message: string): void {
    this.write(`${JSON.stringify({ v: VERSION, kind: "error", error: { name, message } })}\n`);
  }
}

/** An event as plain data. */
function jsonEvent(event: RunEvent): Record<string, unknown> {
  if (event.kind === "transition") {
    // Events of the engine work their fields out when they are read: spreading one would tell nothing.
    const { kind, node, call, task, key, from, to, time } = event;
    const causes = to === "running" ? event.causes : undefined;
    return {
      v: VERSION,
      kind,
      node,
      call,
      task,
      key,
      from,
      to,
      time,
      ...(causes !== undefined && { causes: causes.map((cause) => ({ ...cause, text: causeText(cause) })) }),
    };
  }
  if (event.kind === "run-started") {
    const { estimate: _, ...told } = event;
    return { v: VERSION, ...told };
  }
  if (event.kind === "node-failed") {
    return { v: VERSION, kind: event.kind, node: event.node, failure: jsonFailure(event.failure) };
  }
  return { v: VERSION, ...event };
}

/** A failure as plain data. */
function jsonFailure(failure: NodeFailure): Record<string, unknown> {
  // The rules are for whoever shows the log; they say nothing of the failure. An input may be no JSON; the call tells it.
  const { error, before, logIgnore: _, input: _input, ...rest } = failure;
  const chain = (one: unknown, depth: number): unknown =>
    one instanceof Error
      ? {
        name: one.name,
        message: one.message,
        stack: one.stack,
        // Errors can be their own cause.
        ...(one.cause !== undefined && depth < MOST_CAUSES && { cause: chain(one.cause, depth + 1) }),
      }
      : jsonValue(one);
  return {
    ...rest,
    error: chain(error, 0),
    ...(before && { before: { ...before, error: chain(before.error, 0) } }),
  };
}

/** A value as JSON can hold it: Maps as pairs, Sets as lists, dates as ISO text, big integers as text. */
export function jsonValue(value: unknown, above: readonly unknown[] = []): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "[circular]";
  if (above.length > MOST_DEPTH) return "[too deep]";
  if (
    value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt
  ) {
    return jsonValue(value.valueOf());
  }
  const inner = (item: unknown) => jsonValue(item, [...above, value]);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Map) return [...value].map(([key, item]) => [inner(key), inner(item)]);
  if (value instanceof Set) return [...value].map(inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as Iterable<unknown>, inner);
  }
  if (value instanceof RegExp || value instanceof DataView || value instanceof ArrayBuffer) {
    return readable(value);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
}

/** Values as they are printed for people. */
import process from "node:process";
import { inspect } from "node:util";
import { COLOURED, styleFor } from "../report/style.ts";

/** The value for people; a terminal gets the beginning of what is long, a file or a pipe gets all of it. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  const terminal = process.stdout.isTTY === true;
  return inspect(value, {
    depth: terminal ? 6 : 100,
    colors: styleFor(terminal, process.env) === COLOURED,
    maxArrayLength: terminal ? 100 : null,
    maxStringLength: terminal ? 10_000 : null,
    breakLength: 100,
  });
}

/** A time where the user is, as it can be sorted. */
export function localTime(unixMillis: number): string {
  const date = new Date(unixMillis - new Date(unixMillis).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace("T", " ");
}

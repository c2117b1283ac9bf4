/** Says what a value is that cannot be stored, and what to do about it. */
import { TASK } from "../brand.ts";

const ADVICE: Readonly<Record<string, string>> = {
  AbortController: "keep it out of the value",
  AbortSignal: "keep it out of the value",
  ArrayIterator: "spread it into an array first",
  AsyncGenerator: "collect its items into an array first",
  Blob: "pass its bytes: `await blob.bytes()`",
  CryptoKey: 'export it first: `await crypto.subtle.exportKey("jwk", key)`',
  File: "pass its name and bytes: `await file.bytes()`",
  FormData: "pass its entries: `[...form]`",
  Generator: "collect its items into an array first: `[...generator]`",
  Headers: "pass its entries: `[...headers]`",
  Module: "pass a copy of what is needed: `{ ...module }`",
  Promise: "`await` it first",
  ReadableStream: "read it first, or store the data in a file and pass the path",
  Request: "pass what is needed of it, such as `request.url` and its body",
  Response: "pass what is needed of it, such as `await response.bytes()`",
  SharedArrayBuffer: "pass a copy: `new Uint8Array(shared).slice()`",
  Symbol: "pass its description, or leave it out",
  TransformStream: "read it first, or store the data in a file and pass the path",
  URL: "pass `url.href`",
  URLSearchParams: "pass `String(params)`",
  WeakMap: "pass a Map",
  WeakRef: "pass `ref.deref()`",
  WeakSet: "pass a Set",
  WritableStream: "keep it out of the value",
};

/** Problem text for a task in the place of a call. */
export function refuseTask(name: string): string {
  return `is the task "${name}", not a call of it: call it, with its input if it takes one`;
}

/** Problem text for a function; a task is one, and a call of it is none. */
export function refuseFunction(
  value: { readonly name?: unknown; readonly [TASK]?: { readonly name: string } },
): string {
  if (value[TASK] !== undefined) return refuseTask(value[TASK].name);
  const name = typeof value.name === "string" && value.name !== "" ? ` "${value.name.slice(0, 80)}"` : "";
  return `is a function${name}, which cannot be stored: define it inside the task's module instead`;
}

/** Problem text for a symbol. */
export function refuseSymbol(value: symbol): string {
  return `is a symbol, ${String(value).slice(0, 80)}, which cannot be stored: pass a string instead`;
}

/** Problem text for a Proxy. */
export function refuseProxy(): string {
  return "is a Proxy, which cannot be stored: pass a plain copy of it, such as `{ ...proxy }`";
}

/** Problem text for an object whose `Object.prototype.toString` tag is `tag`. */
export function refuseObject(tag: string): string {
  const advice = Object.hasOwn(ADVICE, tag) ? ADVICE[tag]! : otherAdvice(tag);
  const article = /^[AEIO]/.test(tag) ? "an" : "a";
  return `is ${article} ${tag}, which cannot be stored: ${advice}`;
}

function otherAdvice(tag: string): string {
  if (tag.startsWith("Temporal.")) return "pass `String(value)`";
  if (tag.endsWith("Iterator")) return "collect its items into an array first";
  return "pass plain data taken from it";
}

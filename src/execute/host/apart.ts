/** Telling attempts apart that run at the same time: apart from `current.ts`, since it takes 5 ms to load what it needs. */
import { AsyncLocalStorage } from "node:async_hooks";
import { knowOwnersBy, type Owner } from "./current.ts";

let apart = false;

/** From now on, whatever runs in this thread knows its attempt, across awaits, timers and callbacks. */
export function tellApart(): void {
  if (apart) return;
  apart = true;
  knowOwnersBy(new AsyncLocalStorage<Owner>());
}

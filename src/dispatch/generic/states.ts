/** The states that words of a queue can mean. Pure. */
import type { GenericState } from "./rule.ts";

/** All of them. */
export const STATES: readonly GenericState[] = [
  "waiting",
  "running",
  "done",
  "failed",
  "oom",
  "timeout",
  "preempted",
  "infra",
  "cancelled",
];

/** The end of what a process has said, when it may never be told: whatever the process has started may hold the other end. */
import type { Readable } from "node:stream";
import { after as realTimer } from "../../runtime/after.ts";
import type { Clock } from "../member.ts";

/** A look at what has come, in milliseconds; so many of them in a row without anything; and never more than so many. */
const LOOK = 50, QUIET = 6, MOST = 100;

/**
 * Resolves when a process that has ended has nothing more to say: at the end of its pipe, or when nothing has come for a while. A
 * program that it has left behind keeps the pipe open, and no runtime here can make it one that is closed in children. What was said
 * before the end lies ready by now; each look takes a turn of the event loop, so that a busy one does not lose it.
 */
export function drained(pipe: Readable | undefined, after: Clock["after"] = realTimer): Promise<void> {
  // There are no pipes when the program could not be started.
  if (pipe === undefined || pipe.closed) return Promise.resolve();
  return new Promise((resolve) => {
    let looks = 0, quiet = 0;
    let callOff = (): void => {};
    const end = (): void => {
      callOff();
      pipe.destroy();
      resolve();
    };
    pipe.once("close", end);
    pipe.on("data", () => quiet = 0);
    const look = (): void => {
      if (quiet++ >= QUIET || looks++ >= MOST) return end();
      callOff = after(LOOK, look);
    };
    look();
  });
}

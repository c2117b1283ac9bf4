/** Tells once of what is under way when it takes long; most of it does not. */
import type { LauncherPlace } from "../../model/job.ts";

/** Texts that are named. */
const NAMED = 10;

/** What is under way. */
export interface Slowly {
  /** Something begins. */
  add(id: string, text: string): void;
  /** It is over, if it had begun. */
  delete(id: string): void;
}

/** Tells of all that is under way still, so many milliseconds after the first of it has begun. */
export function slowly(after: LauncherPlace["after"], millis: number, tell: (texts: string) => void): Slowly {
  const open = new Map<string, string>();
  let callOff: (() => void) | undefined;
  return {
    add: (id, text) => {
      open.set(id, text);
      callOff ??= after(millis, () => {
        callOff = undefined;
        tell([...open.values()].slice(0, NAMED).join(", ") + (open.size > NAMED ? ", …" : ""));
      });
    },
    delete: (id) => {
      if (!open.delete(id) || open.size > 0) return;
      callOff?.();
      callOff = undefined;
    },
  };
}

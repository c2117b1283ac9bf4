/** Standard error as a place for reports. */
import process from "node:process";
import type { Terminal } from "../report/human.ts";
import { styleFor } from "../report/style.ts";

/** Reports go to standard error: standard output is for values. */
export function stderrTerminal(): Terminal {
  const { stderr, env } = process;
  const live = stderr.isTTY === true && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";
  return {
    write: (text) => void stderr.write(text),
    get columns() {
      return live ? stderr.columns || 80 : undefined;
    },
    style: styleFor(stderr.isTTY === true, env),
    now: Date.now,
    every: (millis, callback) => {
      const timer = setInterval(callback, millis);
      timer.unref?.();
      return () => clearInterval(timer);
    },
  };
}

/** The keys of a watch, on a terminal, while nothing runs: a task may want to ask something there. */
import process from "node:process";

/** What keys lead to. */
export interface KeyActions {
  readonly run: (force: boolean) => void;
  readonly quit: () => void;
  readonly interrupt: () => void;
}

/** The keyboard. */
export interface Keys {
  /** Whether there is a terminal to hear keys from. */
  readonly active: boolean;
  /** Keys count from now on. */
  on(): void;
  /** They do not, and the terminal is as it was. */
  off(): void;
  /** Never again. */
  close(): void;
}

/** Listens to keys. */
export function listenToKeys({ run, quit, interrupt }: KeyActions): Keys {
  const { stdin } = process;
  const active = stdin.isTTY === true && process.stderr.isTTY === true;
  let listening = false;
  const heard = (bytes: Uint8Array): void => {
    for (const key of new TextDecoder().decode(bytes)) {
      if (key === "\x03") return interrupt();
      if (key === "q" || key === "Q" || key === "\x04") return quit();
      if (key === "r" || key === "R") return run(true);
      if (key === "\r" || key === "\n") return run(false);
    }
  };
  const on = (): void => {
    if (!active || listening) return;
    listening = true;
    stdin.setRawMode(true);
    stdin.on("data", heard);
    stdin.resume();
  };
  const off = (): void => {
    if (!listening) return;
    listening = false;
    stdin.off("data", heard);
    stdin.pause();
    stdin.setRawMode(false);
  };
  process.on("exit", off);
  return {
    active,
    on,
    off,
    close: () => {
      off();
      process.off("exit", off);
    },
  };
}

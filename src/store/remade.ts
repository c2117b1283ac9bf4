/**
 * What a run that forces tasks has made anew, noted while it goes on: `<state>/runs/<run>/remade`, a key a line. A run that goes on
 * with it does not force that again.
 */
import { node } from "../runtime/builtin.ts";

/** Calls that were to be made anew, and have been. */
export interface Remade {
  /** Whether the run that this one goes on with has made a call anew. */
  has(key: string): boolean;
  /** Notes a call whose new result is stored. */
  add(key: string): void;
  /** The run is over; where it ended well, nobody will go on with it. */
  close(forget: boolean): void;
}

const FILE = "remade";

/** Opens the notes of a run with these logs; `before` are those of the run that it goes on with. */
export function openRemade(logs: string, before: string | undefined): Remade {
  const done = new Set(before === undefined ? [] : keysIn(node.path.join(before, FILE)));
  const file = node.path.join(logs, FILE);
  let open: number | undefined;
  // Nothing is held back: whoever is killed has noted all that it has done.
  const write = (keys: readonly string[]): void => {
    try {
      if (open === undefined) {
        node.fs.mkdirSync(logs, { recursive: true });
        open = node.fs.openSync(file, "a");
      }
      node.fs.writeSync(open, keys.map((key) => `${key}\n`).join(""));
    } catch {
      // Then it is made anew once more.
    }
  };
  if (done.size > 0) write([...done]);
  return {
    has: (key) => done.has(key),
    add: (key) => write([key]),
    close: (forget) => {
      if (open !== undefined) node.fs.closeSync(open);
      open = undefined;
      if (forget) node.fs.rmSync(file, { force: true });
    },
  };
}

function keysIn(file: string): string[] {
  try {
    // What follows the last line end was cut off itself.
    return node.fs.readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

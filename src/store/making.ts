/**
 * What a run is making, noted while it goes on: `<state>/runs/<run>/making`. Two runs that make the outputs of one call at the same
 * time may mix them, so what either has made is then not to be kept.
 */
import { node } from "../runtime/builtin.ts";
import { lastSeen, readRecord, stateOfRun } from "./run_record.ts";

/** The calls with outputs that a run makes. */
export interface Making {
  /** Attempts of calls begin, at the latest from now on. */
  begin(keys: readonly string[]): void;
  /** An attempt is over. */
  end(key: string): void;
  /** Another run that has made, or makes, the same since the attempt of this run began. */
  rival(key: string): string | undefined;
  close(): void;
}

/** Of a run whose outputs nobody else can disturb, or that keeps nothing. */
export const NOTHING_MADE: Making = {
  begin: () => {},
  end: () => {},
  rival: () => undefined,
  close: () => {},
};

/** From when to when an attempt was made, Unix time in milliseconds; it is not over when there is no end. */
interface Span {
  readonly from: number;
  to: number | undefined;
}

const FILE = "making";
/** A run notes that it lives so often, in milliseconds, and some more. */
const PULSE = 6_000;

/** Opens the notes of a run, which works in a folder. */
export function openMaking(state: string, run: string, cwd: string): Making {
  const runs = node.path.join(state, "runs");
  const own = new Map<string, number>();
  const others = new Map<string, Other>();
  const opened = Date.now();
  let listed = -1;
  let ends = "";
  let file: number | undefined;
  const write = (text: string): void => {
    try {
      if (file === undefined) {
        node.fs.mkdirSync(node.path.join(runs, run), { recursive: true });
        file = node.fs.openSync(node.path.join(runs, run, FILE), "a");
        text = `${JSON.stringify(cwd)}\n${text}`;
      }
      node.fs.writeSync(file, text);
    } catch {
      // Then others do not see it; this run still sees them.
    }
  };
  const flush = (): void => {
    if (ends !== "") write(ends);
    ends = "";
  };
  /** Looks for runs that have come. */
  const list = (): void => {
    const { mtimeMs } = node.fs.statSync(runs);
    if (mtimeMs === listed) return;
    // Within one tick another may still come.
    listed = Date.now() - mtimeMs > 50 ? mtimeMs : -1;
    for (const name of node.fs.readdirSync(runs)) {
      if (name === run || others.has(name)) continue;
      const other = new Other(state, name, cwd);
      if (other.endsBefore(opened)) continue;
      others.set(name, other);
    }
  };
  return {
    begin: (keys) => {
      const now = Date.now();
      for (const key of keys) own.set(key, now);
      write(keys.map((key) => `+${now} ${key}\n`).join(""));
    },
    end: (key) => {
      if (!own.delete(key)) return;
      // What ends together is written together.
      if (ends === "") queueMicrotask(flush);
      ends += `-${Date.now()} ${key}\n`;
    },
    rival: (key) => {
      const from = own.get(key);
      if (from === undefined) return undefined;
      try {
        list();
      } catch {
        return undefined;
      }
      for (const [name, other] of others) if (other.hasMade(key, from)) return name;
      return undefined;
    },
    close: () => {
      flush();
      if (file !== undefined) node.fs.closeSync(file);
      file = undefined;
    },
  };
}

/** What another run notes. */
class Other {
  private readonly path: string;
  private readonly spans = new Map<string, Span>();
  private read = 0;
  private rest = "";
  private elsewhere: boolean | undefined;

  constructor(private readonly state: string, private readonly run: string, private readonly cwd: string) {
    this.path = node.path.join(state, "runs", run, FILE);
  }

  /** Whether it was over before a moment. */
  endsBefore(moment: number): boolean {
    return this.lived() < moment;
  }

  /** Whether it has made a call since a moment. */
  hasMade(key: string, since: number): boolean {
    this.readOn();
    const span = this.spans.get(key);
    if (span === undefined || this.elsewhere) return false;
    return span.from >= since || (span.to ?? this.lived()) >= since;
  }

  /** Until when it has lived: for ever, as far as is known, if it does. */
  private lived(): number {
    const record = readRecord(this.state, this.run);
    if (record === undefined) return this.touched();
    const is = stateOfRun(record);
    if (is === "running") return Infinity;
    return Math.max(lastSeen(this.state, record) + (is === "elsewhere" ? PULSE : 0), this.touched());
  }

  private touched(): number {
    return node.fs.statSync(this.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  /** Reads what has come since it was last read. */
  private readOn(): void {
    const size = node.fs.statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= this.read) return;
    const bytes = new Uint8Array(size - this.read);
    const file = node.fs.openSync(this.path, "r");
    try {
      this.read += node.fs.readSync(file, bytes, 0, bytes.length, this.read);
    } finally {
      node.fs.closeSync(file);
    }
    const lines = (this.rest + new TextDecoder().decode(bytes)).split("\n");
    this.rest = lines.pop()!;
    for (const line of lines) {
      if (this.elsewhere === undefined) {
        this.elsewhere = line !== JSON.stringify(this.cwd);
        continue;
      }
      const [, sign, at, key] = /^([+-])(\d+) (.+)$/.exec(line) ?? [];
      const known = this.spans.get(key!);
      if (sign === "+") {
        this.spans.set(key!, {
          from: known?.to === undefined ? known?.from ?? Number(at) : Number(at),
          to: undefined,
        });
      } else if (known !== undefined) known.to = Number(at);
    }
  }
}

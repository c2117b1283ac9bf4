/** Commands of a queue that answer what a test says, badly if it likes, and a clock that is moved by hand. */
import fs from "node:fs";
import type { LauncherPlace } from "../../src/model/job.ts";
import { environment } from "./queues.ts";

/** What a command answers. */
export interface Reply {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A stand-in counts its calls, notes its words, and answers what stands in files. */
const SCRIPT = `#!/bin/sh
name=\${0##*/}
cd "\${0%/*}/.." || exit 1
mkdir "running/$name" 2>/dev/null || echo "$name" >> overlaps
{ printf '%s' "$name"; printf '\\t%s' "$@"; echo; } >> calls
number=$(grep -c "^$name\\b" calls)
from=answers/$name.$number
[ -e "$from" ] || from=answers/$name
# What is said meanwhile is for the next call.
from=$(readlink -f "$from")
while [ -e "gates/$name" ]; do sleep 0.01; done
[ -e "$from/stdout" ] && cat "$from/stdout"
[ -e "$from/stderr" ] && cat "$from/stderr" >&2
code=0
[ -e "$from/code" ] && code=$(cat "$from/code")
rmdir "running/$name"
exit "$code"
`;

/** A folder of commands that stands first on the PATH until it is disposed. */
export class StandIns implements Disposable {
  private readonly path = Deno.makeTempDirSync({ prefix: "runner-test-" });
  private readonly environment: Disposable;
  private replies = 0;

  constructor(names: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    for (const folder of ["bin", "answers", "running", "gates"]) fs.mkdirSync(`${this.path}/${folder}`);
    for (const name of names) fs.writeFileSync(`${this.path}/bin/${name}`, SCRIPT, { mode: 0o755 });
    this.environment = environment({ PATH: `${this.path}/bin:/usr/bin:/bin`, ...variables });
  }

  /** What a command answers from now on; with a number, only its call of that number, from 1. */
  reply(name: string, { code = 0, stdout = "", stderr = "" }: Reply, call?: number): void {
    const link = `${this.path}/answers/${name}${call === undefined ? "" : `.${call}`}`;
    const folder = `${this.path}/answers/reply-${++this.replies}`;
    fs.mkdirSync(folder);
    for (const [file, text] of Object.entries({ code: String(code), stdout, stderr })) {
      fs.writeFileSync(`${folder}/${file}`, text);
    }
    fs.symlinkSync(folder, `${link}~`);
    fs.renameSync(`${link}~`, link);
  }

  /** A command answers nothing until what is returned is called. */
  hold(name: string): () => void {
    const gate = `${this.path}/gates/${name}`;
    fs.writeFileSync(gate, "");
    return () => fs.rmSync(gate);
  }

  /** The words of each call of a command so far. */
  calls(name: string): string[][] {
    const file = `${this.path}/calls`;
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    return text.split("\n").map((line) => line.split("\t")).filter(([first]) => first === name)
      .map((words) => words.slice(1));
  }

  /** Commands that were started while they ran already. */
  overlaps(): string {
    return fs.existsSync(`${this.path}/overlaps`) ? fs.readFileSync(`${this.path}/overlaps`, "utf8") : "";
  }

  [Symbol.dispose](): void {
    this.environment[Symbol.dispose]();
    fs.rmSync(this.path, { recursive: true, force: true });
  }
}

interface Timer {
  readonly at: number;
  readonly millis: number;
  readonly callback: () => void;
}

/** The bound of a command's own patience: while such a timer is set, one is running. */
const PATIENCE = 120_000;

/** Real milliseconds until a test gives up. */
const LONGEST = 30_000;

/** A clock that stands still while commands run, and else goes as fast as it can. */
export class HandClock {
  /** Milliseconds since it was made. */
  now = 0;
  private readonly timers = new Set<Timer>();

  readonly after: LauncherPlace["after"] = (millis, callback) => {
    const timer: Timer = { at: this.now + millis, millis, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };

  /** Lets time pass until something holds; fails when nothing is left that could bring it about. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const end = performance.now() + LONGEST;
    for (let idle = 0; !holds();) {
      // A command that has ended lets what waits for it go on at once.
      await new Promise((done) => setTimeout(done, 1));
      if (holds()) return;
      if (performance.now() > end) throw new Error(`waited in vain for: ${what}, until ${this.now} ms`);
      const timers = [...this.timers].sort((one, other) => one.at - other.at);
      if (timers.some(({ millis }) => millis === PATIENCE)) continue;
      const [next] = timers;
      if (next === undefined) {
        if (++idle > 200) throw new Error(`nothing is left that could bring about: ${what}`);
        continue;
      }
      idle = 0;
      this.timers.delete(next);
      this.now = next.at;
      next.callback();
    }
  }

  /** Lets some time pass. */
  async pass(millis: number): Promise<void> {
    let over = false;
    this.after(millis, () => over = true);
    await this.until(`${millis} ms`, () => over);
  }
}

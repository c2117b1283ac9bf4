/** Timers of any length, on a clock that is moved by hand. */
import fs from "node:fs";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { after } from "../../src/runtime/after.ts";
import { fromFileUrl } from "../support/paths.ts";
import { start } from "../support/program.ts";
import { tempFolder } from "../support/temp.ts";

/** Stands in for `setTimeout`, which knows 31 bits. */
class Timers {
  private readonly before = { setTimeout, clearTimeout };
  private readonly waiting = new Map<number, { readonly at: number; readonly call: () => void }>();
  private next = 1;
  now = 0;
  constructor() {
    globalThis.setTimeout = ((call: () => void, millis: number) => {
      const pause = millis > 2 ** 31 - 1 || Number.isNaN(millis) ? 1 : millis;
      this.waiting.set(this.next, { at: this.now + pause, call });
      return this.next++;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = (id) => void this.waiting.delete(id as number);
  }
  move(to: number): void {
    for (;;) {
      const [due] = [...this.waiting].filter(([, { at }]) => at <= to).sort(([, a], [, b]) => a.at - b.at);
      if (due === undefined) break;
      this.waiting.delete(due[0]);
      this.now = due[1].at;
      due[1].call();
    }
    this.now = to;
  }
  [Symbol.dispose](): void {
    Object.assign(globalThis, this.before);
  }
}

Deno.test("pauses longer than timers know are as long as they are", () => {
  const day = 86_400_000;
  using timers = new Timers();
  const told: string[] = [];
  for (const days of [1, 24, 25, 30, 100]) {
    after(days * day, () => told.push(`${days} at ${timers.now / day}`));
  }
  after(Infinity, () => told.push("never"));
  const callOff = after(60 * day, () => told.push("called off"));
  timers.move(40 * day);
  callOff();
  timers.move(1_000 * day);
  assertEquals(told, ["1 at 1", "24 at 24", "25 at 25", "30 at 30", "100 at 100"]);
});

Deno.test("a program does not wait for what is to be called idly, not even while a module is loaded that never is", async () => {
  using place = tempFolder();
  const module = fromFileUrl("../../src/runtime/after.ts");
  fs.writeFileSync(
    `${place.path}/program.ts`,
    `import { afterIdly } from "${module}";
afterIdly(2 ** 30, () => {});
const callOff = afterIdly(1, () => console.log("called off in vain"));
callOff();
afterIdly(1, () => { console.log("called"); release(); });
let release = () => {};
const { setTimeout: alive } = globalThis;
const timer = alive(() => {}, 2 ** 30);
await new Promise<void>((done) => release = done);
clearTimeout(timer);
import("./never.ts");
`,
  );
  fs.writeFileSync(`${place.path}/never.ts`, "export const never = await new Promise(() => {});\n");
  const { code, stdout, stderr } = await start(`${place.path}/program.ts`, []).ended;
  assertEquals([code, stdout], [1, "called\n"]);
  assertStringIncludes(stderr, "Top-level await promise never resolved");
});

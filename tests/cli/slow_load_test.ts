/** A pipeline that does not finish loading, on a clock that is moved by hand. */
import { assertEquals } from "@std/assert";
import { tellWhenSlow } from "../../src/cli/slow_load.ts";
import { fromFileUrl } from "../support/paths.ts";
import { Place } from "./support.ts";

/** A clock that stands still, until its timers are let go. */
class Clock {
  readonly timers = new Map<() => void, number>();
  after(millis: number, callback: () => void): () => void {
    this.timers.set(callback, millis);
    return () => this.timers.delete(callback);
  }
}

const FILES = {
  "p.ts": `import { part } from "./part.ts";
const later = async () => await part;
export const main = await later();
`,
  "part.ts": "export const part = await new Promise(() => {});\n",
};
const NOTE = "p.ts has not finished loading after 10 s: it waits for something, ";
const ADVICE = "; what may take long belongs into a task\n";

/** What is said when time is up. */
async function said(url: string): Promise<string> {
  const clock = new Clock();
  return await new Promise((say) => {
    tellWhenSlow("p.ts", url, clock, say);
    assertEquals([...clock.timers.values()], [10_000]);
    for (const due of clock.timers.keys()) due();
  });
}

Deno.test("after a while it is said that a pipeline has not finished loading, and where it may wait", async () => {
  using place = new Place(FILES);
  const url = `file://${place.path}/p.ts`;
  assertEquals(
    await said(url),
    `note: ${NOTE}perhaps one of these top-level awaits${ADVICE}` +
      `    at ${place.path}/part.ts:1:21\n    at ${place.path}/p.ts:3:21\n`,
  );
  place.write("part.ts", "await 1; await 2; await 3; await 4; await 5;\nexport const part = await 6;\n");
  assertEquals((await said(url)).split("\n").slice(5), [
    `    at ${place.path}/part.ts:1:37`,
    "    and 2 more",
    "",
  ]);
  place.write("part.ts", "export const part = 1;\n");
  assertEquals(
    await said(url),
    `note: ${NOTE}perhaps this top-level await${ADVICE}    at ${place.path}/p.ts:3:21\n`,
  );
  const unknown = `note: ${NOTE}a top-level await, in it or in a module that it imports${ADVICE}`;
  assertEquals(await said("https://example.org/p.ts"), unknown);
  assertEquals(await said(`file://${place.path}/none.ts`), unknown);
});

Deno.test("of a pipeline that has loaded nothing is said", () => {
  const clock = new Clock();
  tellWhenSlow("p.ts", "file:///p.ts", clock, () => {
    throw new Error("it was said");
  })();
  assertEquals(clock.timers.size, 0);
});

const DRIVER = `import { program } from "${fromFileUrl("../../src/runtime/program.ts")}";
import { loadPipeline } from "${fromFileUrl("../../src/cli/pipeline.ts")}";
let due = () => {};
const clock = { after: (_: number, callback: () => void) => {
  due = callback;
  return () => console.log("called off");
} };
const library = "${fromFileUrl("../../mod.ts")}";
Object.assign(globalThis, { timeIsUp: () => due() });
await loadPipeline("p.ts", { worker: "", cli: "", library }, clock);
console.log("loaded");
program.exit(0);
`;

Deno.test("a module that keeps a timer alive while it waits is told of, once, and may go on", async () => {
  using place = new Place({
    "driver.ts": DRIVER,
    "p.ts": `const timer = setInterval(() => {}, 2 ** 30);
const told = new Promise((done) => {
  const write = Deno.stderr.writeSync.bind(Deno.stderr);
  Deno.stderr.writeSync = (bytes) => (done(undefined), write(bytes));
});
globalThis.timeIsUp();
await told;
clearInterval(timer);
`,
  });
  const command = [Deno.execPath(), "run", "-A", "--quiet", "--no-check"] as const;
  const { code, stdout, stderr } = await place.start(["driver.ts"], { command }).ended;
  assertEquals([code, stdout], [0, "called off\nloaded\n"], stderr);
  assertEquals(
    stderr,
    `note: ${NOTE}perhaps this top-level await${ADVICE}    at ${place.path}/p.ts:7:1\n`,
  );
});

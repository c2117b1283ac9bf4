/** What people see of tasks that fail: the whole text, each failure once. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isAlive, Place } from "./support.ts";

const PIPELINE = `import { all, task } from "runner";
function check(why: string): never {
  throw new TypeError(\`it broke: \${why}\`, { cause: new RangeError("deep") });
}
export const bad = task("bad", ({ why }: { why: string }) => {
  console.log("about to fail");
  console.error("a warning");
  check(why);
});
export const after = task("after", { deps: () => ({ b: bad({ why: "tired" }) }), run: () => 1 });
export const slow = task("slow", { timeout: "50ms", run: () => new Promise<number>(() => {}) });
export const leaves = task("leaves", () => { process.exit(7); });
export const dies = task("dies", { isolation: "process", run: () => process.kill(process.pid, "SIGKILL") });
export const whole = task("whole", () => ({ inner: { callback: () => 1 } }));
export const flaky = task("flaky", { retry: 1, run: (): number => { throw new Error("again\\nand again"); } });
export const odd = task("odd", (): number => { throw "a text"; });
export const long = task("long", () => {
  for (let n = 1; n <= 50; n++) console.log("line " + n);
  throw new Error("long");
});
`;
const LOG = "<here>/.runner/runs/<run>/<key>-1";
const TEXTS: Readonly<Record<string, string>> = {
  "after": `failed bad({ why: "tired" }) <time>
✗ failed bad({ why: "tired" })
  TypeError: it broke: tired
    at check (<here>/p.ts:3:9)
    at <here>/p.ts:8:3
  caused by RangeError: deep
    at check (<here>/p.ts:3:52)
  ── stdout ──
  about to fail
  ── stderr ──
  a warning
  log: ${LOG}.stdout.txt
  log: ${LOG}.stderr.txt
  rerun: runner run p.ts bad --why tired

not run after: it needs bad({ why: "tired" }), which failed

✗ ran 0 · up to date 0 · failed 1 · skipped 0 · not run 1 · <time>
`,
  "slow": `timed-out slow <time>
✗ failed slow (timeout)
  TimeoutError: the task has run past its timeout of <time>
    at <here>/p.ts:11:21
  rerun: runner run p.ts slow

✗ ran 0 · up to date 0 · failed 1 · skipped 0 · <time>
`,
  "leaves": `failed leaves <time>
✗ failed leaves (exit)
  Error: the task ended its worker with exit code 7
    at <here>/p.ts:12:54
  rerun: runner run p.ts leaves

✗ ran 0 · up to date 0 · failed 1 · skipped 0 · <time>
`,
  "dies": `failed dies <time>
✗ failed dies (crash)
  Error: the process was ended by SIGKILL
    at <here>/p.ts:13:21
  rerun: runner run p.ts dies

✗ ran 0 · up to date 0 · failed 1 · skipped 0 · <time>
`,
  "whole": `failed whole <time>
✗ failed whole (unclonable)
  CodecError: result.inner.callback is a function "callback", which cannot be stored: define it inside the task's module instead
    at <here>/p.ts:14:22
  rerun: runner run p.ts whole

✗ ran 0 · up to date 0 · failed 1 · skipped 0 · <time>
`,
  "flaky": `again: flaky failed (Error: again) at attempt 1; the next at once
failed flaky <time>
✗ failed flaky, after 2 attempts
  Error: again
  and again
    at run (<here>/p.ts:15:75)
  rerun: runner run p.ts flaky

✗ ran 0 · up to date 0 · failed 1 · skipped 0 · <time>
`,
};

for (const [target, text] of Object.entries(TEXTS)) {
  Deno.test(`the text of a failure: ${target}`, async () => {
    using place = new Place({ "p.ts": PIPELINE });
    const { code, stdout, stderr } = await place.runner("run", "p.ts", target);
    assertEquals([code, stdout, place.plain(stderr)], [1, "", text]);
  });
}

Deno.test("the end of a long log, and where all of it is", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const { stderr } = await place.runner("run", "p.ts", "long", "--quiet");
  const lines = Array.from({ length: 16 }, (_, n) => `  ${n + 35} │ line ${n + 35}\n`).join("");
  assertEquals(
    place.plain(stderr),
    `✗ failed long
  Error: long
    at <here>/p.ts:19:9
  ── stdout (16 of 50 lines) ──
  …
${lines}  log: ${LOG}.stdout.txt
  rerun: runner run p.ts long --quiet

`,
  );
  const file = /log: (.*)\n/.exec(stderr)![1]!;
  assertEquals(Deno.readTextFileSync(file).split("\n").length, 51);
});

Deno.test("what is thrown without being an error", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const { code, stderr } = await place.runner("run", "p.ts", "odd", "--quiet");
  assertEquals(code, 1);
  assertEquals(stderr.match(/a text/g)?.length, 1);
});

Deno.test("of many failures each is told once", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const { code, stderr } = await place.runner("run", "p.ts", "after", "odd", "long", "--keep-going");
  assertEquals(code, 1);
  assertEquals([...stderr.matchAll(/^✗ failed (\w+)/gm)].map((match) => match[1]).sort(), [
    "bad",
    "long",
    "odd",
  ]);
  assertEquals(stderr.match(/it broke: tired/g)?.length, 1);
});

Deno.test("a process whose heap is full has run out of memory, and gets more of it", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
const fill = () => {
  const kept: number[][] = [];
  while (kept.length < 120) kept.push(new Array(131_072).fill(kept.length + 0.5));
  return kept.length;
};
const more = { resources: { mem: "64m" }, retry: { limit: 1, on: ["oom"], grow: { mem: 4 } }, run: fill } as const;
export const apart = task("apart", { isolation: "process", ...more });
export const held = task("held", { permissions: { read: ["."] }, ...more });
export const sent = task("sent", more);
export const settings = { prefixes: { sent: "env" } };
`,
  });
  for (const name of ["apart", "held", "sent"]) {
    const { code, stdout, stderr } = await place.runner("run", "p.ts", name);
    assertEquals([code, stdout], [0, "120\n"], stderr);
    assertMatch(
      stderr,
      /(?:its heap was full: .*|ran out of memory on .*)out of memory.* at attempt 1; the next at once/,
    );
  }
});

Deno.test("a process that leaves a program behind ends its task all the same", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
import { spawn } from "node:child_process";
export const leaves = task("leaves", { isolation: "process", run: () => {
  const child = spawn("sh", ["-c", "read -r end <fifo"], { stdio: "ignore", detached: true });
  child.unref();
  return child.pid;
} });
`,
  });
  await new Deno.Command("mkfifo", { args: [`${place.path}/fifo`] }).output();
  const { code, stdout, stderr } = await place.runner("run", "p.ts", "leaves");
  assertEquals(code, 0, stderr);
  assert(isAlive(Number(stdout)), "what leads a session of its own is nobody else's");
  place.write("fifo", "\n");
});

Deno.test("an input file that a call before should have made: what has become of it", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
import fs from "node:fs";
const outputs = "made.txt";
export const skipper = task("skipper", { outputs: "none.txt", run: (_, ctx) => ctx.skip("not today") });
export const maker = task("maker", { outputs, run: () => fs.writeFileSync("made.txt", "") });
export const taker = task("taker", { deps: ["maker"], run: () => fs.rmSync("made.txt") });
export const afterSkip = task("afterSkip", { deps: ["skipper"], inputs: "none.txt", run: () => 1 });
export const afterTake = task("afterTake", { deps: ["taker"], inputs: "made.txt", run: () => 1 });
export const alone = task("alone", { inputs: "none.txt", run: () => 1 });
`,
  });
  for (
    const [name, text] of [
      ["afterSkip", "none.txt does not exist; skipper, which makes it, was skipped\n"],
      ["afterTake", "made.txt does not exist; maker made it, and it is gone since\n"],
      ["alone", "none.txt does not exist; skipper makes it: add that to its `deps`\n"],
    ] as const
  ) {
    const { code, stderr } = await place.runner("run", "p.ts", name);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `Error: input file ${text}`);
  }
});

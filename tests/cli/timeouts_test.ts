/** Time limits through the command line: elsewhere, where a job's own clock counts and the run's; in reports, in plans. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { until } from "../support/files.ts";
import { isAlive, Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import fs from "node:fs";
import { spawnSync } from "node:child_process";
const pause = (millis: number) => new Promise((done) => setTimeout(done, millis));

// Its thread is busy, so that nobody but the job's other thread can end it.
export const busy = task("busy", {
  labels: "far",
  timeout: { attempt: "1h", idle: "400ms" },
  run: () => {
    fs.writeFileSync("begun", String(process.pid));
    console.log("epoch 1");
    while (true);
  },
});

// It prints, for longer than it may be silent; then a program does that it has started; then it waits for calls.
export const talks = task("talks", {
  labels: "far",
  timeout: { idle: "800ms" },
  run: async (_: undefined, ctx) => {
    for (let line = 1; line <= 100; line++) {
      console.log("line " + line);
      await pause(10);
    }
    spawnSync("sh", ["-c", "for n in 1 2 3 4 5 6; do echo $n; sleep 0.2; done"], { stdio: "inherit" });
    await ctx.run(slow());
    console.log("now silent");
    await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));
  },
});
export const slow = task("slow", { run: () => pause(1_200) });

export const queued = task("queued", {
  labels: "far",
  timeout: { queue: "300ms", attempt: "10s" },
  retry: { limit: 1, on: ["timeout"] },
  run: () => 1,
});

export const bounded = task("bounded", {
  labels: "far",
  timeout: { task: "1500ms" },
  retry: 3,
  run: async () => {
    fs.appendFileSync("tries", "x");
    fs.writeFileSync("begun", String(process.pid));
    console.log("still here");
    await pause(1e9);
  },
});

export const grows = task("grows", {
  labels: "far",
  resources: { time: "60s" },
  retry: { limit: 2, on: ["timeout"], grow: { time: 2 } },
  run: (_: undefined, ctx) => new Promise((_, no) => ctx.signal.addEventListener("abort", () => no(ctx.signal.reason))),
});
`;

/** Starts nothing. */
const HOLD = "#!/bin/sh\necho $$ >> held\nexec sleep 1000\n";
/** Writes its first word down, and does what is behind it. */
const NOTE = '#!/bin/sh\necho $1 >> asked\nshift\nexec "$@"\n';

function place(): Place {
  const here = new Place({ "p.ts": PIPELINE, "hold.sh": HOLD, "note.sh": NOTE });
  for (const script of ["hold.sh", "note.sh"]) fs.chmodSync(`${here.path}/${script}`, 0o755);
  return here;
}

Deno.test("a task elsewhere that prints nothing more is ended there, however busy it is", async () => {
  using here = place();
  const { code, stderr } = await here.runner("run", "p.ts", "busy", "--prefix", "far=env");
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "✗ failed busy (timeout)\n  TimeoutError: the task has printed nothing for as long as its idle timeout of 400 ms; the last line that it printed: epoch 1\n",
  );
  await until("its process is gone", () => !isAlive(Number(here.read("begun"))));
});

Deno.test("who prints, or has something printed, or waits for calls, is not silent elsewhere either", async () => {
  using here = place();
  const { lines, stderr } = await here.json("run", "p.ts", "talks", "--prefix", "far=env");
  const failed = lines.find(({ kind }) => kind === "node-failed") as unknown as {
    failure: { reason: string; timeout: string; error: { message: string } };
  };
  const { reason, timeout, error } = failed.failure;
  assertEquals([reason, timeout], ["timeout", "idle"], stderr);
  assertStringIncludes(error.message, "the last line that it printed: now silent");
});

Deno.test("a task that has not begun elsewhere in time is tried again, then fails; what was to start it is ended", async () => {
  using here = place();
  const { code, stderr } = await here.runner("run", "p.ts", "queued", "--prefix", "far=./hold.sh");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "again: queued did not begin in time at attempt 1; the next at once");
  assertStringIncludes(
    stderr,
    "✗ failed queued (timeout), after 2 attempts\n  TimeoutError: the task has not begun elsewhere within its queue timeout of 300 ms\n",
  );
  assertStringIncludes(stderr, "\n  sent: by prefix, as ");
  const held = here.read("held").trim().split("\n").map(Number);
  assertEquals(held.length, 2);
  await until("both are gone", () => !held.some(isAlive));
});

Deno.test("when the time for all attempts is over, the job is ended, and not tried again", async () => {
  using here = place();
  const { code, stderr } = await here.runner("run", "p.ts", "bounded", "--prefix", "far=env");
  assertEquals([code, here.read("tries")], [1, "x"], stderr);
  assertStringIncludes(stderr, "past its timeout of 1.5 s for all attempts together");
  assertStringIncludes(stderr, "the last line that it printed: still here");
  await until("its process is gone", () => !isAlive(Number(here.read("begun"))));
});

Deno.test("silence is answered with no more time; running out of it is", async () => {
  for (const [limit, asked] of [["idle", "60 60 60"], ["attempt", "60 120 240"]]) {
    using here = place();
    const override = `grows={"timeout":{"${limit}":"100ms"}}`;
    const words = ["grows", "--prefix", "far=./note.sh {time:s}", "--override", override];
    const { code, stderr } = await here.runner("run", "p.ts", ...words);
    assertEquals([code, here.read("asked").trim().split("\n").join(" ")], [1, asked], stderr);
  }
});

Deno.test("a plan tells all limits, and those that do not apply", async () => {
  using here = place();
  const local = await here.runner("plan", "p.ts", "queued");
  assertStringIncludes(local.stdout, "timeout  10.0 s, queue 300 ms");
  assertStringIncludes(local.stdout, "note  it runs on this machine, where its queue timeout does not apply");
  const far = await here.runner("plan", "p.ts", "queued", "--prefix", "far=env");
  assertStringIncludes(far.stdout, "timeout  10.0 s, queue 300 ms");
  assert(!far.stdout.includes("does not apply"), far.stdout);
  const more = await here.runner(
    ...["plan", "p.ts", "busy", "--json", "--override", 'busy={"timeout":{"idle":"2m","task":"1d"}}'],
  );
  const [{ timeout }] = JSON.parse(more.stdout) as [{ timeout: string }];
  assertEquals(timeout, "1 h 0 min, idle 2 min 0 s, all attempts 24 h 0 min");
  const wrong = await here.runner("run", "p.ts", "busy", "--override", 'busy={"timeout":{"idle":"soon"}}');
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, '`timeout.idle`: "soon" is not a duration');
});

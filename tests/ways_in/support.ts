/** A pipeline that every way in must run alike. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { Place, statsOf, valueOf } from "../cli/support.ts";
import { fromFileUrl } from "../support/paths.ts";
import { diskFolder } from "../support/temp.ts";

/** The folder of the sources. */
export const ROOT = fromFileUrl("../..").replace(/\/$/, "");

/** The command line from the sources. */
export const LOCAL = [Deno.execPath(), "run", "-A", "--quiet", `${ROOT}/cli.ts`] as const;

/** Whether a program can be started. */
export function isThere(command: string): boolean {
  try {
    return new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** The commands of a task of deno.json, with the folder `dist` elsewhere. */
export async function perform(name: string, dist: string): Promise<void> {
  const { tasks } = JSON.parse(fs.readFileSync(`${ROOT}/deno.json`, "utf8")) as {
    tasks: Record<string, { command: string; dependencies?: readonly string[] }>;
  };
  for (const one of tasks[name]!.dependencies ?? []) await perform(one, dist);
  const words = tasks[name]!.command.split(" ").map((word) => word.replace(/^dist\b/, dist));
  const { success, stderr } = await new Deno.Command(words[0]!, { args: words.slice(1), cwd: ROOT }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Workers, a process, a template, futures in inputs, a failure. */
export const PIPELINE = `import { all, task } from "runner";
interface Part {
  readonly n: number;
  readonly tag?: string;
}
export const part = task("part", ({ n }: Part) => new Map([[n, BigInt(n)]]));
export const whole = task("whole", {
  isolation: "process",
  run: ({ parts }: { parts: Map<number, bigint>[] }) => parts.reduce((sum, one) => sum + [...one.values()][0], 0n),
});
export const named = task("named::[who]", ({ who }) => "hello " + who);
export const main = all({
  sum: whole({ parts: [1, 2, 3].map((n) => part({ n })) }),
  greeting: named({ who: "you" }),
});
export const bad = task("bad", () => { throw new RangeError("no good"); });
export const far = task("far", { cache: false, run: () => process.env.SENT ?? "here" });
`;

/** The command that stands for `runner`, checked from an empty folder: values, hits, failures, exit codes. */
export async function checkCommand(place: Place, command: readonly [string, ...string[]]): Promise<void> {
  const run = (...args: string[]) => place.start(args, { command }).ended;
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args, "--json");
    assertEquals(stderr, "");
    return { code, lines: stdout.trimEnd().split("\n").map((line) => JSON.parse(line)) };
  };
  assertEquals(await run("--version"), { code: 0, stdout: "runner 0.1.0\n", stderr: "" });
  for (const upToDate of [0, 5]) {
    const { code, lines } = await json("run", "p.ts", "--workers", "2");
    assertEquals([code, valueOf(lines)], [0, { sum: "6", greeting: "hello you" }]);
    assertEquals([statsOf(lines)["ran"], statsOf(lines)["upToDate"]], [5 - upToDate, upToDate]);
  }
  const sent = await run("run", "p.ts", "far", "--quiet", "--prefix", "far=env SENT=there");
  assertEquals([sent.code, sent.stdout], [0, "there\n"], sent.stderr);
  const failed = await run("run", "p.ts", "bad", "--quiet");
  assertEquals([failed.code, failed.stdout], [1, ""]);
  assertEquals(
    /^✗ failed bad\n {2}RangeError: no good\n {4}at .*\/p\.ts:16:\d+\)?\n/.test(place.plain(failed.stderr)),
    true,
    failed.stderr,
  );
  const wrong = await run("run", "p.ts", "prat", "--n", "1");
  assertEquals([wrong.code, wrong.stderr.split("\n")[0]], [
    2,
    'error: There is no task or exported call "prat"; did you mean "part"?',
  ]);
  const typed = await run("run", "p.ts", "part", "--n", "one");
  assertEquals([typed.code, typed.stderr], [2, 'error: --n takes a number, not "one"\n']);
  assertEquals((await run("run", "p.ts", "--cache", "p.ts")).code, 3);
}

/** The keys that `graph` shows. */
export async function keysBy(
  place: Place,
  command: readonly [string, ...string[]],
): Promise<readonly (readonly [string, string])[]> {
  const { code, stdout, stderr } = await place.start(["graph", "p.ts", "--json", "--cache", "none"], {
    command,
  }).ended;
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout).nodes.map(({ call, key }: { call: string; key: string }) => [call, key]);
}

const SANDBOXED = `import fs from "node:fs";
import { task } from "runner";
export const held = task("held", {
  hermetic: true,
  inputs: "a.txt",
  outputs: "b.txt",
  run: () => fs.copyFileSync("a.txt", "b.txt"),
});
export const thief = task("thief", {
  hermetic: true,
  outputs: "c.txt",
  run: () => fs.copyFileSync("a.txt", "c.txt"),
});
`;

/** The command that stands for `runner`, checked with tasks that are held to what they declare. */
export function checkSandbox([program, ...before]: readonly [string, ...string[]]): void {
  // Deno lets no process that is held to permissions near the folders of devices.
  using disk = diskFolder();
  fs.writeFileSync(`${disk.path}/held.ts`, SANDBOXED);
  fs.writeFileSync(`${disk.path}/a.txt`, "a");
  const run = (task: string, env: Readonly<Record<string, string>> = {}) => {
    const args = [...before, "run", "held.ts", task, "--quiet"];
    const { code, stderr } = new Deno.Command(program, { args, cwd: disk.path, env }).outputSync();
    return { code, told: new TextDecoder().decode(stderr) };
  };
  // What a sandboxed process loads must be seen before it runs, or it needs a permission.
  assertEquals(run("held"), { code: 0, told: "" });
  assertEquals(fs.readFileSync(`${disk.path}/b.txt`, "utf8"), "a");
  const thief = run("thief");
  assertEquals([thief.code, thief.told.includes("a.txt")], [1, true], thief.told);
  // The place in the user's module, and none of ours.
  assertEquals(thief.told.match(/^ {4}at .*$/gm)?.filter((line) => !line.includes("/held.ts:")), []);
}

/** What is said where the output cannot be made to fail. */
export const FULL = fs.existsSync("/dev/full") ? "" : " (ignored: there is no /dev/full)";

/** The command that stands for `runner`, with an output that takes nothing, and with a reader that has seen enough. */
export async function checkFullOutput(command: readonly [string, ...string[]]): Promise<void> {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const main = task("main", () => "x".repeat(100_000));
export const bad = task("bad", () => { throw new RangeError("no good"); });
export const settings = { prefixes: { bad: ["sh", "-c", '"$@" 2>&1 | true', "sh"] } };
`,
  });
  const runner = command.map((word) => `'${word}'`).join(" ");
  const shell = (line: string) => place.start(["-c", line], { command: ["bash"] }).ended;
  for (const words of ["run p.ts", "run p.ts --json", "list p.ts", "history", "--version"]) {
    const { code, stderr } = await shell(`${runner} ${words} > /dev/full`);
    assertEquals(code, 3, words);
    assertStringIncludes(stderr, "error: Standard output could not be written (", words);
  }
  const { code, stdout } = await shell(`set -o pipefail; ${runner} run p.ts --quiet | head -c 3`);
  assertEquals([code, stdout], [0, "xxx"]);
  const failed = await place.start(["run", "p.ts", "bad"], { command }).ended;
  assertStringIncludes(failed.stderr, "RangeError: no good", "though nobody listens to the job");
}

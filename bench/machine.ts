/** Where the figures come from, and how programs are started and timed. */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { V8_FLAGS } from "../src/runtime/runtime.ts";
import type { Measured } from "./programs/measure.ts";

/** The path of something in this project. */
export function here(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** A folder for a whole run of the benchmarks: on TMPDIR, else in shared memory, else where the system says. */
export function makeFolder(): string {
  const base = process.env.TMPDIR ?? (fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir());
  return fs.mkdtempSync(`${base}/runner-bench-`);
}

/** The kind of file system that a folder is on, as far as the system says. */
export function fileSystem(folder: string): string {
  try {
    const mounts = fs.readFileSync("/proc/mounts", "utf8").split("\n").map((line) => line.split(" "));
    const fits = mounts.filter(([, at]) =>
      at !== undefined && (at === "/" || `${folder}/`.startsWith(`${at}/`))
    );
    return fits.sort((a, b) => b[1]!.length - a[1]!.length)[0]?.[2] ?? "unknown";
  } catch {
    return "unknown";
  }
}

/** What the figures depend on. */
export function machine(folder: string): string {
  const tools = ["node", "ninja", "make", "doit"].map((name) => {
    const version = firstLine(name, ["--version"]);
    return version === undefined ? `no ${name}` : version.startsWith(name) ? version : `${name} ${version}`;
  });
  return [
    `Deno ${Deno.version.deno}, ${os.cpus().length} × ${os.cpus()[0]?.model.trim()}, load ${
      os.loadavg()[0]!.toFixed(1)
    }`,
    `files on ${fileSystem(folder)}`,
    ...tools,
  ].join("; ");
}

/** The first line that a command prints, or `undefined` when there is no such command. */
function firstLine(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0] : undefined;
}

/** Whether a command is there. */
export function installed(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

/** What a command printed, and how long it took from start to end. */
export interface Finished {
  readonly seconds: number;
  readonly output: string;
  /** Unix time at which it was started, in milliseconds. */
  readonly started: number;
}

/**
 * Runs a command to its end.
 *
 * @throws {Error} with what it printed, when it fails.
 */
export async function finish(command: string, args: readonly string[], cwd: string): Promise<Finished> {
  const started = performance.timeOrigin + performance.now();
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const output: string[] = [], errors: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  const seconds = (performance.timeOrigin + performance.now() - started) / 1_000;
  if (code !== 0) {
    const said = (errors.join("") || output.join("")).slice(-2_000);
    throw new Error(`${command} ${args.join(" ")} gave ${code}: ${said}`);
  }
  return { seconds, output: output.join(""), started };
}

/** Runs one of our measuring programs on Deno. */
export async function measured(
  program: string,
  args: readonly (string | number)[],
  cwd: string,
): Promise<Measured> {
  const path = here(`bench/programs/${program}.ts`);
  const { output } = await finish(
    Deno.execPath(),
    ["run", "-A", "--quiet", `--v8-flags=--expose-gc,${V8_FLAGS}`, path, ...args.map(String)],
    cwd,
  );
  return JSON.parse(output.trim().split("\n").at(-1)!) as Measured;
}

/** A way to start the command line. */
export interface Way {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** How to make it, where it has not been made. */
  readonly missing?: string;
}

const onDeno = (path: string): Way["command"] => [
  Deno.execPath(),
  "run",
  "-A",
  "--quiet",
  `--v8-flags=${V8_FLAGS}`,
  here(path),
];

/** The command line on Deno from the sources, as `deno install` sets it up; as one bundle; and as an executable. */
export const WAYS: readonly [Way, ...Way[]] = [
  { name: "from the sources", command: onDeno("cli.ts") },
  made("from the bundle", "dist/cli.js", onDeno("dist/cli.js"), "deno task bundle"),
  made("by the executable", "dist/runner-bun", [here("dist/runner-bun")], "deno task compile:bun"),
];

function made(name: string, path: string, command: Way["command"], how: string): Way {
  return { name, command, ...(!fs.existsSync(here(path)) && { missing: `not measured: ${how} makes it` }) };
}

/** Runs the command line on Deno, or in another way. */
export function runner(args: readonly string[], cwd: string, way: Way = WAYS[0]): Promise<Finished> {
  const [program, ...leading] = way.command;
  return finish(program, [...leading, ...args], cwd);
}

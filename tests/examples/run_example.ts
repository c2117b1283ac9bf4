/** Runs an example the way a user does: `deno run -A cli.ts run …`, in a child process, in a folder of its own. */

/** The counts of a run, as the CLI's `run-ended` event has them. */
export interface Stats {
  readonly nodes: number;
  readonly ran: number;
  readonly upToDate: number;
  readonly failed: number;
  readonly ranByTask: Readonly<Record<string, number>>;
}

/** What a run printed with `--json`. */
export interface ExampleRun<Value> {
  readonly value: Value;
  readonly stats: Stats;
}

/** A temporary folder to run examples in, with the cache; gone when disposed. */
export interface Place {
  /** Runs an example by the name of its folder and gives what it printed. */
  run<Value>(example: string, ...words: string[]): Promise<ExampleRun<Value>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a folder to run examples in. */
export async function place(): Promise<Place> {
  const folder = await Deno.makeTempDir({ prefix: "runner-examples-" });
  return {
    run: (example, ...words) => runExample(folder, example, words),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function runExample<Value>(
  folder: string,
  example: string,
  words: readonly string[],
): Promise<ExampleRun<Value>> {
  const path = (name: string) => new URL(`../../${name}`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", path("cli.ts"), "run", path(`examples/${example}/pipeline.ts`), ...words]
      .concat("--json", "--cache", `${folder}/cache`),
    cwd: folder,
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`The example "${example}" ended with exit code ${code}:\n${said}`);
  const events = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  const ended = events.find(({ kind }) => kind === "run-ended");
  const valued = events.find(({ kind }) => kind === "value");
  if (ended === undefined || valued === undefined) {
    throw new Error(`The example "${example}" printed no "run-ended" and "value" events:\n${said}`);
  }
  return { value: valued.value as Value, stats: ended.stats as Stats };
}

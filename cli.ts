#!/usr/bin/env -S deno run -A --quiet --v8-flags=--max-semi-space-size=4
/** The command line: `runner run pipeline.ts`. */
import { main } from "./src/cli/main.ts";
import { program } from "./src/runtime/program.ts";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Runs the command line, and ends the program with its exit code. */
async function start(): Promise<void> {
  program.onIdle(() => {
    program.print(
      "stderr",
      "error: Internal error: nothing is left that could happen, and the command is not done\n",
    );
    program.exit(3);
  });
  // What comes from a URL is fetched as one.
  if (/^https?:/.test(import.meta.url)) await import("./src/cli/later.ts" as string);
  program.exit(
    await main(program.args, {
      worker: new URL(`./workers/task_worker.${extension}`, import.meta.url).href,
      cli: import.meta.url,
      library: new URL(`./mod.${extension}`, import.meta.url).href,
    }),
  );
}

// Not awaited: where a pipeline never finishes loading, a runtime is to name that, not this line.
if (import.meta.main) void start();

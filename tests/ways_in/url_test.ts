/** From a URL: the library in somebody's own program, and the command line. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import { filesEnding } from "../support/files.ts";
import { Place } from "../cli/support.ts";
import { serveCheckout } from "./served.ts";
import { checkCommand, keysBy, PIPELINE } from "./support.ts";

/** Deno as a stranger has it: no lock file, nothing of localhost taken from a cache. */
const DENO = [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", "--reload=http://127.0.0.1"] as const;

Deno.test("a program imports mod.ts from a URL, runs on workers, and finds its results again", async () => {
  await using served = serveCheckout();
  using place = new Place({
    "program.ts": `import { RunFailed, run, task, type Task } from "${served.url}/mod.ts";
export const square: Task<{ n: number }, Map<string, number>> = task("square", ({ n }: { n: number }) => new Map([["n", n * n]]));
export const total = task("total", {
  isolation: "process",
  run: ({ all }: { all: Map<string, number>[] }) => all.reduce((sum, one) => sum + one.get("n")!, 0),
});
export const bad = task("bad", () => { throw new RangeError("no good"); });
if (import.meta.main) {
  const target = total({ all: [1, 2, 3].map((n) => square({ n })) });
  const { value, stats } = await run(target, { cache: "kept", workers: 2 });
  const failed = await run(bad()).catch((error) => error);
  console.log(JSON.stringify({
    value: value satisfies number,
    ran: stats.ran,
    upToDate: stats.upToDate,
    failed: failed instanceof RunFailed && failed.failures[0].at?.module.endsWith("/program.ts"),
  }));
  // Workers that do not yield are left behind; a program ends itself.
  Deno.exit();
}
`,
  });
  for (const [ran, upToDate] of [[4, 0], [0, 4]]) {
    const { code, stdout, stderr } = await place.start(["program.ts"], { command: DENO }).ended;
    assertEquals([code, stderr], [0, ""]);
    assertEquals(JSON.parse(stdout), { value: 14, ran, upToDate, failed: true });
  }
  assertEquals(filesEnding(`${place.path}/kept`, ".result.gz").length, 4);
  assert(served.asked.has("/workers/task_worker.ts") && served.asked.has("/cli.ts"));
  assert(!fs.existsSync(`${place.path}/deno.lock`));
});

Deno.test("deno run cli.ts from a URL runs a pipeline that says `runner`", async () => {
  await using served = serveCheckout();
  using place = new Place({ "p.ts": PIPELINE });
  const command = [...DENO, `${served.url}/cli.ts`] as const;
  await checkCommand(place, command);
  const local = [
    Deno.execPath(),
    "run",
    "-A",
    "--quiet",
    new URL("../../cli.ts", import.meta.url).href,
  ] as const;
  assertEquals(await keysBy(place, command), await keysBy(place, local));
});

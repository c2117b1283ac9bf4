/** Whole runs whose tasks are done in real containers. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { Place, statsOf, valueOf } from "../cli/support.ts";
import { DENO, dockerService } from "../services/docker.ts";
import { until } from "../support/files.ts";

const { absent } = dockerService();

const PIPELINE = `import fs from "node:fs";
import os from "node:os";
import { docker, task } from "runner";

export const settings = {
  dispatch: { far: docker({ image: "${DENO}", network: "none", args: ["--hostname", "box"] }) },
};
export const far = task("far::[n]", {
  labels: "far",
  fields: { n: "integer" },
  resources: { mem: "512m" },
  outputs: ({ n }) => [\`made/\${n}.txt\`],
  run: ({ n }, ctx) => {
    fs.mkdirSync("made", { recursive: true });
    fs.writeFileSync(\`made/\${n}.txt\`, "made " + n);
    fs.writeFileSync(\`\${ctx.directory}/note\`, "kept");
    return { n, host: os.hostname(), user: process.getuid!() };
  },
});
export const all = task("all", {
  deps: () => [1, 2, 3].map((n) => far({ n })),
  run: (_input: undefined, { deps }) => (deps as { host: string; user: number }[]).map(({ host, user }) => host + " " + user),
});
export const nested = task("nested", {
  labels: "far",
  run: async (_: undefined, ctx) => \`\${os.hostname()} asked \${(await ctx.run(far({ n: 9 }))).host}\`,
});
export const eats = task("eats", {
  labels: "far",
  resources: { mem: "200m" },
  run: () => {
    const held: Uint8Array[] = [];
    for (;;) held.push(new Uint8Array(10_000_000).fill(1));
  },
});
export const stays = task("stays", {
  labels: "far",
  run: () => {
    fs.writeFileSync("begun", "");
    for (;;);
  },
});
`;

/** The containers of Docker, running or not. */
function containers(): string {
  const { stdout } = new Deno.Command("docker", { args: ["ps", "--all", "--quiet"] }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}

function test(name: string, fn: (here: Place) => Promise<void>): void {
  Deno.test({
    name: `docker${absent === undefined ? "" : ` (ignored: ${absent})`}: ${name}`,
    ignore: absent !== undefined,
    fn: async () => {
      using here = new Place({ "p.ts": PIPELINE });
      await fn(here);
      assertEquals(containers(), "");
    },
  });
}

test("tasks are done in containers, their results, files and folders come back, and are found again", async (here) => {
  for (const upToDate of [0, 4]) {
    const { code, lines, stderr } = await here.json("run", "p.ts", "all");
    assertEquals(code, 0, stderr);
    assertEquals(valueOf(lines), [1, 2, 3].map(() => `box ${process.getuid!()}`));
    assertEquals(statsOf(lines)["upToDate"], upToDate);
  }
  assertEquals((await here.runner("run", "p.ts", "nested")).stdout, "box asked box\n");
  assertEquals(here.read("made/2.txt"), "made 2");
  fs.rmSync(`${here.path}/made`, { recursive: true });
  assertEquals((await here.runner("run", "p.ts", "all")).code, 0);
  assertEquals(here.read("made/2.txt"), "made 2");
});

test("a task that needs more memory than its container has is told to have run out of it", async (here) => {
  const { code, stderr } = await here.runner("run", "p.ts", "eats");
  assertEquals(code, 1);
  assertMatch(stderr, /memory of 200 MiB was full/);
});

test("a task that never ends is ended with its container by the second signal", async (here) => {
  const running = here.start(["run", "p.ts", "stays"]);
  await until("the task runs", () => fs.existsSync(`${here.path}/begun`));
  running.kill("SIGINT");
  await running.complaint("stopping: ");
  running.kill("SIGINT");
  assertEquals((await running.ended).code, 130);
});

test("an image that is not there is told before anything runs", async (here) => {
  fs.writeFileSync(`${here.path}/q.ts`, PIPELINE.replace(DENO, "no/such:1"));
  const { code, stderr } = await here.runner("run", "q.ts", "all");
  assertStringIncludes(stderr, "docker pull no/such:1");
  assertEquals([code, fs.existsSync(`${here.path}/made`)], [3, false]);
});

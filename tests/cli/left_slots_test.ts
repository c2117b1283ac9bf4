/** Slots of shared limits that a killed run has left to jobs which go on: taken as long as these do, and no longer. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { genericSlurm, noSlurm, slurm } from "../services/slurm.ts";
import { appeared, until } from "../support/files.ts";
import { Place, type Running } from "./support.ts";

const PIPELINE = `import { generic, slurm, task } from "runner";
import fs from "node:fs";
const turn = () => new Promise((done) => setTimeout(done, 10));
export const holds = task("holds", {
  labels: ["far", "licence"],
  run: async ({ name }: { name: string }) => {
    fs.appendFileSync("ran", name + "\\n");
    fs.writeFileSync("begun-" + name, "");
    while (!fs.existsSync("go-" + name)) await turn();
    return name;
  },
});
export const nested = task("nested", {
  labels: ["far", "licence"],
  run: async ({ name }: { name: string }, ctx) => {
    fs.writeFileSync("begun-" + name, "");
    while (!fs.existsSync("go-" + name)) await turn();
    return await ctx.run(holds({ name: name + "-child" }));
  },
});
`;
const QUICK = `poll: { from: "200ms", to: "1s" }, gather: "100ms"`;

/** A folder with a pipeline whose tasks need a licence, of which there is one, and are done elsewhere. */
class Site extends Place {
  constructor(private readonly words: readonly string[], private readonly env: Record<string, string> = {}) {
    super({ "p.ts": PIPELINE });
  }

  /** Runs a call. */
  call(name: string, task = "holds"): Running {
    const words = ["run", "p.ts", task, "--name", name, "--shared-limit", "licence=1", ...this.words];
    return this.start(words, { env: this.env });
  }

  /** A run that was killed while its job was under way. */
  async killed(name: string, task = "holds"): Promise<void> {
    const run = this.call(name, task);
    await appeared(`${this.path}/begun-${name}`);
    // What the queue has said is noted.
    await until("the job is known", () => this.journal().includes('{"id":'));
    run.kill("SIGKILL");
    await run.ended;
  }

  /** The journals of all runs. */
  journal(): string {
    const jobs = `${this.path}/.runner/cache/~jobs`;
    return fs.readdirSync(jobs).map((run) => this.read(`.runner/cache/~jobs/${run}/journal.jsonl`)).join("");
  }

  /** Another call, which waits until the one that a killed run has left is over. */
  async waiting(): Promise<Running> {
    const second = this.call("second");
    await second.complaint('slot 0 of the shared limit "licence" is held for holds({ name: "first" })');
    return second;
  }

  /** What `runner` says. */
  async said(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.start(args, { env: this.env }).ended;
    assertEquals(code, 0, stderr);
    return stdout;
  }

  go(...names: readonly string[]): void {
    for (const name of names) this.write(`go-${name}`, "");
  }

  has(file: string): boolean {
    return fs.existsSync(`${this.path}/${file}`);
  }

  /** Ends a run that waits for its call. */
  async ends(run: Running, value: string): Promise<void> {
    const { code, stdout, stderr } = await run.ended;
    assertEquals([code, stdout], [0, `${value}\n`], stderr);
    const held = fs.readdirSync(`${this.path}/.runner/cache/~leases/licence`);
    assertEquals(held, []);
  }
}

const PREFIX = ["--prefix", "far=env"];

Deno.test("the job of a killed run keeps its slot, which ps shows, until it is done", async () => {
  using site = new Site(PREFIX);
  await site.killed("first");
  const second = await site.waiting();
  const listed = await site.said("ps");
  assertStringIncludes(listed, "limit licence, slot 0  left to its job");
  assertStringIncludes(listed, "prefix job ");
  assert(!site.has("begun-second"));
  site.go("first");
  await appeared(`${site.path}/begun-second`);
  site.go("second");
  await site.ends(second, "second");
  assertEquals(site.read("ran"), "first\nsecond\n");
});

Deno.test("a job that dies without a word gives its slot free", async () => {
  using site = new Site(PREFIX);
  await site.killed("first");
  const second = await site.waiting();
  const [, pid] = /"id":\[0,"(\d+):/.exec(site.journal())!;
  Deno.kill(-Number(pid), "SIGKILL");
  await appeared(`${site.path}/begun-second`);
  site.go("second");
  await site.ends(second, "second");
});

Deno.test("what runner cancel has ended gives its slot free", async () => {
  using site = new Site(PREFIX);
  await site.killed("first");
  const second = await site.waiting();
  const [run] = (await site.said("ps")).split(" ");
  assertStringIncludes(await site.said("cancel", run!), "ended 1 job of ");
  await appeared(`${site.path}/begun-second`);
  site.go("second");
  await site.ends(second, "second");
});

Deno.test("whoever takes a job over has its slot, at a limit of one", async () => {
  using site = new Site(PREFIX);
  await site.killed("first");
  fs.rmSync(`${site.path}/begun-first`);
  const again = site.call("first");
  // A child of a dead run is ended, and done again by this one.
  await appeared(`${site.path}/begun-first`);
  site.go("first");
  await site.ends(again, "first");
  assertEquals(site.read("ran"), "first\nfirst\n");
});

Deno.test("a run that dies as well leaves the slot to the job that it had taken over", async () => {
  using site = new Site(PREFIX);
  await site.killed("first");
  fs.rmSync(`${site.path}/begun-first`);
  await site.killed("first");
  const second = await site.waiting();
  site.go("first", "second");
  await site.ends(second, "second");
  assertEquals(site.read("ran"), "first\nfirst\nsecond\n");
});

for (
  const [name, rule] of [
    ["slurm", `slurm({ ${QUICK} })`],
    ["generic", genericSlurm(QUICK)],
  ] as const
) {
  const test = (what: string, body: (site: Site) => Promise<void>): void =>
    Deno.test({
      name: `${name}: ${what}${noSlurm}`,
      ignore: noSlurm !== "",
      fn: async () => {
        const { PATH, ...env } = slurm();
        using site = new Site([], { ...env, PATH: PATH! });
        site.write("p.ts", `${PIPELINE}export const settings = { dispatch: { far: ${rule} } };\n`);
        await body(site);
      },
    });

  test("a job on a queue keeps its slot until it is done", async (site) => {
    await site.killed("first");
    const second = await site.waiting();
    assert(!site.has("begun-second"));
    site.go("first", "second");
    await site.ends(second, "second");
    assertEquals(site.read("ran"), "first\nsecond\n");
  });

  test("a job that somebody has cancelled on the cluster gives its slot free", async (site) => {
    await site.killed("first");
    const second = await site.waiting();
    const [, id] = /"id":\[0,"(\d+)"/.exec(site.journal())!;
    const { success } = new Deno.Command("scancel", { args: [id!], env: slurm() }).outputSync();
    assert(success);
    site.go("second");
    await site.ends(second, "second");
  });

  /** A run that has taken over the job of one that was killed. */
  const takenOver = async (site: Site): Promise<Running> => {
    await site.killed("first");
    const again = site.call("first");
    const inbox = () => fs.readdirSync(`${site.path}/.runner/cache/~jobs`, { recursive: true });
    await until("it is taken over", () => inbox().some((path) => String(path).includes("inbox/")));
    return again;
  };

  test("a job whose second run was killed as well keeps its slot until it is done", async (site) => {
    const again = await takenOver(site);
    again.kill("SIGKILL");
    await again.ended;
    const second = await site.waiting();
    assert(!site.has("begun-second"));
    site.go("first", "second");
    await site.ends(second, "second");
    assertEquals(site.read("ran"), "first\nsecond\n");
  });

  test("a job is taken over with its slot, and done once", async (site) => {
    const again = await takenOver(site);
    site.go("first");
    await site.ends(again, "first");
    assertEquals(site.read("ran"), "first\n");
  });

  test("a job that is taken over gives its slot away while it waits for a call", async (site) => {
    await site.killed("first", "nested");
    const again = site.call("first", "nested");
    site.go("first", "first-child");
    await site.ends(again, "first-child");
    assertEquals(site.read("ran"), "first-child\n");
  });
}

import fs from "node:fs";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type NodeFailure, run } from "../../mod.ts";
import * as tasks from "../fixtures/sandbox.ts";
import { treeOf } from "../support/files.ts";
import { nothingLeft } from "../support/leaks.ts";
import { failuresOf } from "../support/outcome.ts";
import { fixture } from "../support/paths.ts";
import { start } from "../support/program.ts";
import { diskFolder } from "../support/temp.ts";

/** A folder with files and a cache. */
class Place {
  private readonly temp = diskFolder();
  readonly folder: string = this.temp.path;
  readonly options: { readonly cache: string; readonly state: string } = {
    cache: `${this.folder}/kept/cache`,
    state: `${this.folder}/kept/state`,
  };

  constructor() {
    fs.mkdirSync(`${this.folder}/in`);
    this.write("in/a.txt", "a\n");
    this.write("in/b.txt", "b\n");
  }
  write(path: string, text: string): void {
    fs.mkdirSync(`${this.folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    fs.writeFileSync(`${this.folder}/${path}`, text);
  }
  read(path: string): string {
    return fs.readFileSync(`${this.folder}/${path}`, "utf8");
  }
  async failure(target: Parameters<typeof run>[0]): Promise<NodeFailure> {
    const [failure] = await failuresOf(run(target as never, this.options));
    await nothingLeft(this.options.cache);
    return failure!;
  }
  [Symbol.dispose](): void {
    this.temp[Symbol.dispose]();
  }
}

/** What a failure is, in words. */
const words = ({ error }: NodeFailure): string => `${error.name}: ${error.message}`;

Deno.test("a hermetic task reads its inputs, writes its outputs, and both are kept", async () => {
  using place = new Place();
  const { folder, options } = place;
  const first = await run(tasks.joined({ folder }), options);
  assertEquals(first.value, 2);
  assertEquals(place.read("made/all.txt"), "a\nb\n");
  assertEquals(place.read("parts/deep/1.txt"), "b\n");
  fs.rmSync(`${folder}/made`, { recursive: true });
  fs.rmSync(`${folder}/parts`, { recursive: true });
  const second = await run(tasks.joined({ folder }), options);
  assertEquals([second.value, second.stats.ran], [2, 0]);
  assertEquals(place.read("made/all.txt"), "a\nb\n");
  assertEquals(place.read("parts/deep/1.txt"), "b\n");
  place.write("in/c.txt", "c\n");
  const third = await run(tasks.joined({ folder }), options);
  assertEquals([third.value, third.stats.ran], [3, 1]);
  await nothingLeft(options.cache);
});

Deno.test("a hermetic task fails when it reads what is no input, and is told what to do", async () => {
  using place = new Place();
  const { folder } = place;
  const secret = await place.failure(tasks.reading({ folder, path: "in/b.txt" }));
  assertEquals(
    words(secret),
    `NotPermitted: the task may not read ${folder}/in/b.txt: add it to \`inputs\`, or to \`permissions.read\``,
  );
  assertEquals((secret.error.cause as Error).name, "NotCapable");
  assert(secret.at?.module.endsWith("/tests/fixtures/sandbox.ts"));
  assertMatch(
    words(await place.failure(tasks.reading({ folder, path: "none.txt" }))),
    /may not read .*none\.txt/,
  );
  // What an earlier attempt has left is no input either.
  assertMatch(
    words(await place.failure(tasks.reading({ folder, path: "made/all.txt" }))),
    /may not read .*all\.txt/,
  );
  assertMatch(words(await place.failure(tasks.finding({ folder }))), /may not read .*b\.txt/);
  assertEquals((await run(tasks.reading({ folder, path: "in/a.txt" }), place.options)).value, "a\n");
});

Deno.test("a hermetic task lists the folder that it declares, and all that is in it counts", async () => {
  using place = new Place();
  const { folder, options } = place;
  const list = async () => {
    const { value, stats } = await run(tasks.listing({ folder }), options);
    return [value, stats.ran];
  };
  assertEquals(await list(), [["a.txt", "b.txt"], 1]);
  assertEquals(await list(), [["a.txt", "b.txt"], 0]);
  place.write("in/deep/c.txt", "c\n");
  assertEquals(await list(), [["a.txt", "b.txt", "deep", "deep/c.txt"], 1]);
  // What does not count is not seen either.
  fs.mkdirSync(`${folder}/in/empty`);
  place.write("in/b.txt", "another\n");
  assertEquals(
    words(await place.failure(tasks.listing({ folder }))),
    `NotPermitted: the task may not list ${folder}/in: there is more in it than its inputs (${folder}/in/empty), and ` +
      "that does not count: use `ctx.inputs`, or add it to `permissions.read`",
  );
});

Deno.test("what has come into a folder while a hermetic task could list it is in no key: given, not kept", async () => {
  using place = new Place();
  const { folder, options } = place;
  const warnings: string[] = [];
  const reporter = {
    wants: () => true,
    handle: (event: { readonly kind: string; readonly message?: string }) =>
      void (event.kind === "warning" && warnings.push(event.message!)),
  };
  const target = tasks.listing({ folder, add: "in/c.txt" });
  const { value } = await run(target, { ...options, reporter });
  assertEquals(value, ["a.txt", "b.txt", "c.txt"]);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, `${folder}/in/c.txt changed while listing(`);
  fs.rmSync(`${folder}/in/c.txt`);
  assertEquals((await run(target, options)).stats.ran, 2);
});

Deno.test("a hermetic task fails when it writes what is no output, and is told what to do", async () => {
  using place = new Place();
  const { folder } = place;
  assertEquals(
    words(await place.failure(tasks.writing({ folder, path: "made/more.txt" }))),
    `NotPermitted: the task may not write ${folder}/made/more.txt: add it to \`outputs\`, or to \`permissions.write\``,
  );
  assertEquals(fs.existsSync(`${folder}/made/more.txt`), false);
  assertEquals(
    words(await place.failure(tasks.making({ folder }))),
    `NotPermitted: the task may not write ${folder}/made: add it to \`outputs\`, or to \`permissions.write\`; a folder that declared outputs lie in is there before the task begins, and need not be made`,
  );
  assertMatch(words(await place.failure(tasks.idle({ folder }))), /^MissingOutput: .*made\/none\.txt/);
});

Deno.test("without being hermetic, a task may look at its outputs, too", async () => {
  using place = new Place();
  assertEquals((await run(tasks.open({ folder: place.folder }), place.options)).value, "a\n");
});

Deno.test("values go in and out, small and large", async () => {
  using place = new Place();
  const { value } = await run(tasks.sum({ bytes: tasks.large(300_000) }), place.options);
  assertEquals(value, 2_100_000);
  assertEquals((await run(tasks.sum({ bytes: tasks.large(300_000) }), place.options)).stats.ran, 0);
  const memory = await run(tasks.sum({ bytes: tasks.large(100_001) }), { ...place.options, cache: "memory" });
  assertEquals(memory.value, 700_007);
  const none = await run(tasks.sum({ bytes: tasks.large(100_002) }), { ...place.options, cache: "none" });
  assertEquals(none.value, 700_014);
});

Deno.test("the folder of a task stays with its entry, and goes with a failure", async () => {
  using place = new Place();
  const { value } = await run(tasks.keeping("text"), place.options);
  assert(value.startsWith(`${place.options.cache}/keeping/results/`));
  assertEquals(fs.readFileSync(`${value}/kept.txt`, "utf8"), "text");
  assertEquals((await run(tasks.keeping("text"), place.options)).stats.ran, 0);
  assertEquals(words(await place.failure(tasks.losing("text"))), "Error: lost");
  const left = Object.keys(treeOf(`${place.folder}/kept`)).filter((path) => /lost|\.owner/.test(path));
  assertEquals(left, []);
});

Deno.test("what is printed is kept, by whatever way", async () => {
  using place = new Place();
  await run(tasks.printing("said"), place.options);
  const tree = Object.keys(treeOf(place.options.cache)).filter((path) => /std(out|err)/.test(path));
  assertEquals(
    tree.map((path) => fs.readFileSync(`${place.options.cache}${path.slice(0, -1)}`, "utf8")).sort(),
    [
      "said\nraw\n",
      "said!\n",
    ],
  );
});

Deno.test("whatever ends the process of a task fails the task, and nothing else", async () => {
  using place = new Place();
  const { options } = place;
  const exit = await place.failure(tasks.exiting(7));
  assertEquals([exit.reason, exit.error.message], [
    "exit",
    "the task ended its process with exit code 7",
  ]);
  const abort = await place.failure(tasks.aborting(null));
  assertEquals(abort.reason, "crash");
  assertMatch(abort.error.message, /^the process was ended by SIGABRT/);
  const late = await place.failure(tasks.busy(null));
  assertEquals([late.reason, late.error.message], ["timeout", "the task has run past its timeout of 300 ms"]);
  assertEquals((await place.failure(tasks.stray(null))).error.message, "nobody awaits me");
  const failures = await failuresOf(
    run([tasks.exiting(1), tasks.double(1), tasks.aborting(null), tasks.double(2)], {
      ...options,
      onFailure: "keep-going",
    }),
  );
  assertEquals(failures.map(({ reason }) => reason).sort(), ["crash", "exit"]);
  assertEquals((await run([tasks.double(1), tasks.double(2)], options)).stats.ran, 0);
});

Deno.test("heap exhaustion fails its task only", async () => {
  using place = new Place();
  Deno.env.set("DENO_V8_FLAGS", "--max-old-space-size=100");
  try {
    const failure = await place.failure(tasks.filling(null));
    assertEquals(failure.reason, "oom");
    assertMatch(failure.error.message, /^the process .*its heap was full.*memory/i);
  } finally {
    Deno.env.delete("DENO_V8_FLAGS");
  }
});

Deno.test("a task asks for calls, and its result rests on them", async () => {
  using place = new Place();
  const { options } = place;
  assertEquals((await run(tasks.asking(1), { ...options, parallel: 1 })).value, [2, 4, 6]);
  const second = await run(tasks.asking(1), options);
  assertEquals([second.value, second.stats.ran], [[2, 4, 6], 0]);
  assertEquals((await run(tasks.askingLarge(50_000), options)).value, 50_000);
  assertEquals((await run(tasks.askingLarge(50_000), options)).stats.ran, 0);
  assertEquals((await run(tasks.giving(4), options)).value, [8, 10]);
  const failures = await failuresOf(run(tasks.askingInVain(null), options));
  assertEquals(failures.map(({ reason }) => reason), ["exit"]);
});

Deno.test("parameters and files that a task finds out count", async () => {
  using place = new Place();
  const { options, folder } = place;
  const run1 = (color: string) => run(tasks.told("color"), { ...options, params: { color } });
  assertEquals((await run1("red")).value, "red");
  assertEquals((await run1("red")).stats.ran, 0);
  assertEquals((await run1("blue")).value, "blue");
  assertEquals((await run1("red")).stats.ran, 0);
  const path = `${folder}/in/a.txt`;
  assertEquals((await run(tasks.noting({ path }), options)).value, "a\n");
  assertEquals((await run(tasks.noting({ path }), options)).stats.ran, 0);
  place.write("in/a.txt", "other\n");
  assertEquals((await run(tasks.noting({ path }), options)).value, "other\n");
  await nothingLeft(options.cache);
});

Deno.test("a task knows what it gave the last time, and what has changed since", async () => {
  using place = new Place();
  const { options, folder } = place;
  const value = async () => (await run(tasks.again({ folder }), options)).value;
  assertEquals(await value(), "a\n:2:lines");
  place.write("in/a.txt", "c\n");
  assertEquals(await value(), "c\n:2:");
  place.write("in/b.txt", "b\nb\n");
  assertEquals(await value(), "c\n:3:lines");
  place.write("in/a.txt", "keep\n");
  assertEquals(await value(), "c\n:3:lines");
});

Deno.test("variables that are declared are there, and no others", async () => {
  using place = new Place();
  Deno.env.set("SANDBOX_DECLARED", "declared");
  Deno.env.set("SANDBOX_OTHER", "other");
  try {
    assertEquals((await run(tasks.variables("SANDBOX_DECLARED"), place.options)).value, "declared");
    assertEquals(
      words(await place.failure(tasks.variables("SANDBOX_OTHER"))),
      "NotPermitted: the task may not read the variable SANDBOX_OTHER: add it to `env`, so that a change of it counts, or to `permissions.env`",
    );
    // Not even what Deno needs itself.
    assertMatch(words(await place.failure(tasks.variables("HOME"))), /may not read the variable HOME/);
  } finally {
    Deno.env.delete("SANDBOX_DECLARED");
    Deno.env.delete("SANDBOX_OTHER");
  }
});

Deno.test("what a task may start has no more of the environment than Deno needs, and is where the runner is", async () => {
  using place = new Place();
  Deno.env.set("SANDBOX_DECLARED", "declared");
  Deno.env.set("SANDBOX_OTHER", "other");
  try {
    const { names, cwd } = (await run(tasks.starting(null), place.options)).value;
    assertEquals(names.includes("SANDBOX_DECLARED"), true);
    assertEquals(
      names.filter((name) =>
        !/^(DENO_.*|NO_COLOR|HOME|PATH|SANDBOX_DECLARED|XDG_CACHE_HOME|PWD|_|SHLVL|LD_LIBRARY_PATH|NPM_CONFIG_REGISTRY|JSR_URL)$/
          .test(name)
      ),
      [],
    );
    assertEquals(cwd, Deno.cwd());
  } finally {
    Deno.env.delete("SANDBOX_DECLARED");
    Deno.env.delete("SANDBOX_OTHER");
  }
});

Deno.test("nothing is remembered from one attempt to the next", async () => {
  using place = new Place();
  assertEquals((await run(tasks.remembering("one"), place.options)).value, null);
  assertEquals((await run(tasks.remembering("two"), place.options)).value, null);
});

Deno.test("what could be written in place of something else does not begin", async () => {
  using place = new Place();
  const { folder } = place;
  place.write("victim.txt", "untouched");
  fs.mkdirSync(`${folder}/made`);
  fs.symlinkSync("../victim.txt", `${folder}/made/file.txt`);
  assertEquals(
    words(await place.failure(tasks.filing({ folder }))),
    `NoSandbox: the task filing cannot be held to its permissions: it may write to the folder of ${folder}/made/file.txt, which is a link to ../victim.txt and so a way out: remove the link, or permit a folder without it`,
  );
  fs.rmSync(`${folder}/made/file.txt`);
  fs.symlinkSync("../victim.txt", `${folder}/made/all.txt`);
  assertStringIncludes(
    words(await place.failure(tasks.making({ folder }))),
    `the output ${folder}/made/all.txt is a link to ${folder}/victim.txt, which would be written in its place: remove the link`,
  );
  assertEquals(place.read("victim.txt"), "untouched");
  fs.rmSync(`${folder}/made/all.txt`);
  const [failure] = await failuresOf(
    run(tasks.filing({ folder }), { cache: `${folder}/made/cache`, state: `${folder}/made/state` }),
  );
  assertMatch(words(failure!), /it may write to .*\/made, where runner's own folder .*\/made\/cache is/);
});

Deno.test("what Deno has fetched before can be imported, and that is noted in no lock file", async () => {
  using place = new Place();
  const lock = fixture("../../deno.lock");
  const before = fs.readFileSync(lock, "utf8");
  let asked = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    asked++;
    return new Response('export default "fetched";', { headers: { "content-type": "text/javascript" } });
  });
  try {
    const url = `http://127.0.0.1:${server.addr.port}/${crypto.randomUUID()}.js`;
    assertMatch(
      words(await place.failure(tasks.importing(url))),
      /^NotPermitted: the module http.* is not there/,
    );
    assertEquals(asked, 0);
    await start(url, []).ended;
    assertEquals(asked, 1);
    assertEquals((await run(tasks.importing(url), place.options)).value, "fetched");
    assertEquals(asked, 1);
  } finally {
    await server.shutdown();
  }
  assertEquals(fs.readFileSync(lock, "utf8"), before);
});

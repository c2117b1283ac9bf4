import fs from "node:fs";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../../mod.ts";
import { honest, liars, spoiler, thief } from "../fixtures/sandbox_lies.ts";
import { treeOf } from "../support/files.ts";
import { nothingLeft } from "../support/leaks.ts";
import { failuresOf } from "../support/outcome.ts";
import { diskFolder } from "../support/temp.ts";

/** What a lie is answered with. */
const ANSWER = /^SandboxBroken: the sandboxed process has said what is not true or no message: /;

Deno.test("what a sandboxed process says is not believed", async (test) => {
  using temp = diskFolder();
  const options = { cache: `${temp.path}/cache`, state: `${temp.path}/state` };
  const secret = `${temp.path}/secret.txt`;
  fs.writeFileSync(secret, "SECRET");
  await run(honest("true"), options);
  const before = treeOf(options.cache);
  for (const [name, liar] of Object.entries(liars)) {
    await test.step(`a lie ${name}`, async () => {
      const [failure] = await failuresOf(run(liar({ secret, others: "00" }), options));
      const words = `${failure!.error.name}: ${failure!.error.message}`;
      if (failure!.reason === "crash") assertMatch(words, /^Error: the process said what is no message: /);
      else assertMatch(words, ANSWER);
      await nothingLeft(options.cache);
    });
  }
  // Folders of tasks that have failed may be there; results are not.
  const stored = (tree: Record<string, string>) =>
    Object.keys(tree).filter((path) => /\.(gz|json|txt)\/$/.test(path));
  assertEquals(stored(treeOf(options.cache)), stored(before));
  assertEquals((await run(honest("true"), options)).stats.ran, 0);
});

Deno.test("a result is stored as what it is, where it belongs, whatever is claimed of it", async () => {
  using temp = diskFolder();
  const options = { cache: `${temp.path}/cache`, state: `${temp.path}/state` };
  const secret = `${temp.path}/secret.txt`;
  fs.writeFileSync(secret, "SECRET");
  const others = "0123456789abcdef0123456789abcdef";
  const first = await run(thief({ secret, others }), options);
  assertEquals(first.value as unknown, "a lie");
  const second = await run(thief({ secret, others }), options);
  assertEquals([second.value as unknown, second.stats.ran], ["a lie", 0]);
  const tree = treeOf(options.cache);
  assertEquals(Object.keys(tree).filter((path) => path.includes(others) || path.includes("stdout")), []);
  assertEquals(fs.readFileSync(secret, "utf8"), "SECRET");
});

Deno.test("a process that spoils what its host is made of harms itself alone", async () => {
  using temp = diskFolder();
  const options = { cache: `${temp.path}/cache`, state: `${temp.path}/state` };
  const [failure] = await failuresOf(
    run([spoiler("spoilt"), honest("one"), honest("two")], { ...options, onFailure: "keep-going" }),
  );
  assert(["crash", "timeout"].includes(failure!.reason) || failure!.error.name === "SandboxBroken");
  assertEquals((await run([honest("one"), honest("two")], options)).stats.ran, 0);
  await nothingLeft(options.cache);
});

/** Outputs of earlier attempts, where the task itself may not touch what runner has. */
import fs from "node:fs";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../mod.ts";
import { resting } from "../fixtures/sandbox.ts";
import { nothingLeft } from "../support/leaks.ts";
import { failuresOf } from "../support/outcome.ts";
import { diskFolder } from "../support/temp.ts";

Deno.test("a sandboxed task begins without its earlier outputs, but for precious ones; they are back when it comes to nothing", async () => {
  using temp = diskFolder();
  const folder = temp.path;
  const options = { cache: `${folder}/kept/cache`, state: `${folder}/kept/state` };
  fs.mkdirSync(`${folder}/in`);
  const at = async (text: string): Promise<unknown> => {
    fs.writeFileSync(`${folder}/in/a.txt`, text);
    const { value } = await run(resting({ folder }), options);
    return [value, fs.readFileSync(`${folder}/made.txt`, "utf8")];
  };
  assertEquals([await at("one"), await at("on")], [["one false", "one"], ["on true", "on"]]);
  for (const [text, problem] of [["nothing", "they are left from before"], ["exit", "exit code 3"]]) {
    fs.writeFileSync(`${folder}/in/a.txt`, text!);
    const [failure] = await failuresOf(run(resting({ folder }), options));
    assertStringIncludes(failure!.error.message, problem!);
    assertEquals(fs.readFileSync(`${folder}/made.txt`, "utf8"), "on");
    await nothingLeft(options.cache);
  }
  assertEquals(await at("unchanged"), ["on true", "on"]);
});

/** A change of the code of a call that another call has asked for: who runs again, and why. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { fromFileUrl } from "../support/paths.ts";
import { lastLine } from "../support/program.ts";
import { tempFolder } from "../support/temp.ts";

interface Said {
  readonly value: string;
  readonly why: Readonly<Record<string, readonly string[]>>;
}

Deno.test("a changed child runs again; its parent only if the child's result has changed", async () => {
  using temp = tempFolder();
  for (const name of ["nested.ts", "helper.ts"]) {
    const text = fs.readFileSync(fromFileUrl(`../fixtures/project/${name}`), "utf8");
    fs.writeFileSync(`${temp.path}/${name}`, text.replaceAll("../../../", fromFileUrl("../../")));
  }
  const edit = (name: string, from: string, to: string) => {
    const text = fs.readFileSync(`${temp.path}/${name}`, "utf8");
    assertEquals(text.includes(from), true);
    fs.writeFileSync(`${temp.path}/${name}`, text.replace(from, to));
  };
  const said = () => lastLine<Said>(`${temp.path}/nested.ts`, [`${temp.path}/cache`, `${temp.path}/state`]);
  assertEquals(await said(), {
    value: "<parent of 10>",
    why: {
      "parent(1)": ["no earlier result"],
      "child(1)": ["no earlier result"],
      reader: ["no earlier result"],
    },
  });
  assertEquals(await said(), { value: "<parent of 10>", why: {} });
  // The helper of the child only, and the same result.
  edit("helper.ts", "n * 10", "n * 110");
  assertEquals(await said(), {
    value: "<parent of 10>",
    why: { "child(1)": ["code of helper.ts changed"] },
  });
  edit("helper.ts", "n * 110", "n * 20");
  assertEquals(await said(), {
    value: "<parent of 20>",
    why: {
      "child(1)": ["code of helper.ts changed"],
      "parent(1)": ["the result of child(1) changed"],
      reader: ["the result of parent(1) changed"],
    },
  });
  edit("nested.ts", "parent of", "father of");
  assertEquals(await said(), {
    value: "<father of 20>",
    why: { "parent(1)": ["code of nested.ts#parent changed"], reader: ["the result of parent(1) changed"] },
  });
  edit("nested.ts", "father of", "parent of");
  edit("helper.ts", "n * 20", "n * 10");
  assertEquals(await said(), { value: "<parent of 10>", why: {} });
});

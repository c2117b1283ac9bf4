/** Which folders hold nothing but inputs. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import { wholeFolders } from "../../../src/store/files/whole.ts";
import { Spelling } from "../../../src/store/files/spelling.ts";
import { Place, rules } from "./support.ts";

const FILES = { "in/a": "", "in/deep/b": "", "in/deep/er/c": "", "in/other/d": "", "e": "" };

/** What the folders hold that rules for inputs name. */
function whole(place: Place, ...inputs: readonly string[]) {
  const { files, folders = [] } = place.run().find(rules({ inputs }));
  const found = wholeFolders(folders, files.map(({ path }) => path), new Spelling(place.cwd));
  return [found.folders, [...found.others].sort()];
}

Deno.test("a folder of inputs is whole, however it is written and wherever it lies", () => {
  using place = new Place(FILES);
  assertEquals(whole(place, "in"), [["in"], []]);
  assertEquals(whole(place, "./in/", "in/deep"), [["in", "in/deep"], []]);
  assertEquals(whole(place, "../work/in"), [["in"], []]);
  place.write("../beside/a", "");
  assertEquals(whole(place, "../beside"), [["../beside"], []]);
  assertEquals(whole(place, `${place.cwd}/../beside`)[1], []);
  fs.mkdirSync(place.full("none"));
  assertEquals(whole(place, "none"), [["none"], []]);
  assertEquals(whole(place, "in/**", "e"), [[], []]);
});

Deno.test("where there is more than inputs, the folders below that hold only inputs are left", () => {
  using place = new Place(FILES);
  assertEquals(whole(place, "in", "!in/deep/b"), [["in/deep/er", "in/other"], ["in/deep/b"]]);
  assertEquals(whole(place, "in", "!in/deep/er"), [["in/other"], ["in/deep/er"]]);
  assertEquals(whole(place, "in", "!in/a"), [["in/deep", "in/other"], ["in/a"]]);
  place.write("in/.git/HEAD", "");
  fs.mkdirSync(place.full("in/other/empty"));
  assertEquals(whole(place, "in"), [["in/deep"], [".git", "other/empty"].map((path) => `in/${path}`)]);
  assertEquals(whole(place, "."), [["in/deep"], [".runner", "in/.git", "in/other/empty"]]);
});

Deno.test("a link to a file that is an input is one; a link to a folder is none, and one that leads nowhere neither", () => {
  using place = new Place(FILES);
  place.link("in/link", "../e");
  assertEquals(whole(place, "in"), [["in"], []]);
  place.link("in/deep/away", "../other");
  place.link("in/other/lost", "nowhere");
  assertEquals(whole(place, "in"), [["in/deep/er"], ["in/deep/away", "in/other/lost"]]);
});

Deno.test("a folder that is gone is not whole, and its outputs are no strangers to a task", () => {
  using place = new Place(FILES);
  assertEquals(place.host().whole(["gone"], [], []), { folders: [], others: [] });
  const { files } = place.run().find(rules({ inputs: ["in"] }));
  place.write("in/new", "");
  place.write("in/more", "");
  assertEquals(place.host().whole(["in"], files, ["in/new"]).others, ["in/more"]);
});

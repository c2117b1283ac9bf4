/** Random trees are collected, damaged at random, and restored: they are what they were. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { picture, Place } from "./support.ts";

const name = fc.constantFrom("a", "b", "c", ".d", "e f", "[g]", "ü", "!h", "{i}");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const thing = fc.oneof(
  { weight: 4, arbitrary: fc.record({ text: fc.string(), mode: fc.constantFrom(0o644, 0o755, 0o600) }) },
  { weight: 1, arbitrary: fc.record({ target: path }) },
  { weight: 1, arbitrary: fc.record({ mode: fc.constantFrom(0o755, 0o700) }) },
);
const tree = fc.array(fc.tuple(path, thing), { minLength: 1, maxLength: 12 });
const damage = fc.tuple(fc.nat(), fc.constantFrom("remove", "edit", "mode", "link", "flip"));

/** Puts things into a folder; what does not fit with what is there already is left out. */
function grow(place: Place, things: typeof tree extends fc.Arbitrary<infer Tree> ? Tree : never): void {
  fs.mkdirSync(place.full("out"), { recursive: true });
  for (const [path, thing] of things) {
    const full = place.full(`out/${path}`);
    const above = path.split("/").slice(0, -1).map((_, index, parts) => parts.slice(0, index + 1).join("/"));
    const blocked = above.some((folder) => {
      const stat = fs.lstatSync(place.full(`out/${folder}`), { throwIfNoEntry: false });
      return stat !== undefined && !stat.isDirectory();
    });
    if (blocked || fs.lstatSync(full, { throwIfNoEntry: false }) !== undefined) continue;
    fs.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    if ("text" in thing) {
      fs.writeFileSync(full, thing.text);
      fs.chmodSync(full, thing.mode);
    } else if ("target" in thing) fs.symlinkSync(thing.target, full);
    else fs.mkdirSync(full, { mode: thing.mode });
  }
}

/** Damages one thing without putting anything of another kind into its place but a link for a file. */
function hurt(full: string, how: string): void {
  const stat = fs.lstatSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (how === "remove") fs.rmSync(full, { recursive: true });
  else if (stat.isSymbolicLink()) {
    fs.rmSync(full);
    if (how === "link") fs.symlinkSync("another", full);
  } else if (how === "mode") fs.chmodSync(full, 0o750);
  else if (!stat.isFile()) return;
  else if (how === "edit") fs.appendFileSync(full, "edited");
  else if (how === "link") {
    fs.rmSync(full);
    fs.symlinkSync("../kept", full);
  } else {
    // Same size, same time.
    const bytes = fs.readFileSync(full);
    if (bytes.length === 0) return;
    bytes[0]! ^= 1;
    fs.writeFileSync(full, bytes);
    fs.utimesSync(full, stat.atimeMs / 1_000, stat.mtimeMs / 1_000);
  }
}

Deno.test("random trees, damaged at random, are restored, and a dry run says beforehand how", () => {
  using place = new Place({ kept: "kept" });
  const files = place.run();
  fc.assert(
    fc.property(
      tree,
      fc.array(damage, { maxLength: 6 }),
      fc.constantFrom("out", "./out/"),
      (things, damages, rule) => {
        place.remove("out");
        grow(place, things);
        const stored = place.collect([rule]);
        const before = picture(place.cwd).replaceAll(/^\.runner\/.*$/gm, "");
        for (const [pick, how] of damages) hurt(place.full(stored[pick % stored.length]!.path), how);
        const damaged = picture(place.full(".")) !== picture(place.full("."));
        assertEquals(damaged, false);
        const dry = files.restore(stored, [rule], true);
        const real = files.restore(stored, [rule], false);
        assertEquals(dry, real);
        assertEquals(real.kind === "unable", false);
        assertEquals(picture(place.cwd).replaceAll(/^\.runner\/.*$/gm, ""), before);
        assertEquals(files.restore(stored, [rule], false), { kind: "intact" });
      },
    ),
    { numRuns: 1000 },
  );
});

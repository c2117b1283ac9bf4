/** A plan says what the run then does: on random graphs with real files, after random edits. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import fs from "node:fs";
import type { Call } from "../../mod.ts";
import { graphed } from "../fixtures/graphed.ts";
import { treeOf } from "../support/files.ts";
import { Place } from "./place.ts";

/** Nodes of a random graph: what each depends on, and which of the input files it reads. */
interface Shape {
  readonly deps: readonly number[];
  readonly file: number;
  /** It gives only the first letter of what it is given: changes may stop here. */
  readonly stops: boolean;
  /** It writes a file. */
  readonly writes: boolean;
  /** It finds its file out while it runs. */
  readonly finds: boolean;
}

/** What is done to the folder between two runs. */
type Edit =
  | { readonly kind: "edit"; readonly file: number; readonly text: string }
  | { readonly kind: "touch"; readonly file: number }
  | { readonly kind: "lose" | "spoil"; readonly node: number }
  | { readonly kind: "clear"; readonly node: number };

const FILES = 4;
const NODES = 7;

const SHAPE: fc.Arbitrary<Shape> = fc.record({
  deps: fc.uniqueArray(fc.nat(NODES - 1), { maxLength: 3 }),
  file: fc.nat(FILES - 1),
  stops: fc.boolean(),
  writes: fc.boolean(),
  finds: fc.boolean(),
});
const EDIT: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constant("edit" as const),
    file: fc.nat(FILES - 1),
    text: fc.constantFrom("aa", "ab", "ba", "bb"),
  }),
  fc.record({ kind: fc.constant("touch" as const), file: fc.nat(FILES - 1) }),
  fc.record({ kind: fc.constantFrom("lose" as const, "spoil" as const), node: fc.nat(NODES - 1) }),
  fc.record({ kind: fc.constant("clear" as const), node: fc.nat(NODES - 1) }),
);

/** The calls of a graph; a call depends only on those before it. */
function callsOf(shapes: readonly Shape[]): readonly Call<unknown>[] {
  const calls: Call<unknown>[] = [];
  for (const [id, { deps, ...rest }] of shapes.entries()) {
    const of = deps.filter((dep) => dep < id).map((dep) => calls[dep]!);
    calls.push((graphed as unknown as (input: unknown) => Call<unknown>)({ id, of, ...rest }));
  }
  return calls;
}

async function doEdit(edit: Edit, calls: readonly Call<unknown>[], place: Place): Promise<void> {
  switch (edit.kind) {
    case "edit":
      return place.write({ [`in/${edit.file}`]: edit.text });
    case "touch":
      // By the system's own clock: a time that is set may be of another second than the change that set it.
      return fs.writeFileSync(`in/${edit.file}`, fs.readFileSync(`in/${edit.file}`));
    case "lose":
      return place.write({ [`out/${edit.node}`]: undefined });
    case "spoil":
      if (fs.existsSync(`out/${edit.node}`)) fs.writeFileSync(`out/${edit.node}`, "spoilt");
      return;
    case "clear":
      return void await calls[edit.node]!.clear({ cache: place.cache });
  }
}

Deno.test("random graphs, random edits: what a plan says is what the run does, and it touches nothing", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  await fc.assert(
    fc.asyncProperty(
      fc.array(SHAPE, { minLength: NODES, maxLength: NODES }),
      fc.array(fc.array(EDIT, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 2 }),
      async (shapes, rounds) => {
        using place = new Place();
        place.write(Object.fromEntries(Array.from({ length: FILES }, (_, file) => [`in/${file}`, "aa"])));
        const calls = callsOf(shapes);
        await place.run(calls, { history: false });
        for (const edits of rounds) {
          for (const edit of edits) await doEdit(edit, calls, place);
          const before = [treeOf(place.folder, true), treeOf(place.cache, true)];
          const { nodes, restored } = await place.preview(calls);
          assertEquals([treeOf(place.folder, true), treeOf(place.cache, true)], before);
          const told = await place.run(calls, { history: false });
          for (const { call, state } of nodes) {
            const ran = told.ran.includes(call);
            assert(state === "run" || state === "maybe" || !ran, `${call} ran, and was ${state}`);
            assert(state !== "run" || ran, `${call} was to run, and did not`);
          }
          const back = place.recorder.events.flatMap((event) =>
            event.kind === "outputs-restored" ? event.paths : []
          );
          for (const { paths } of restored) for (const path of paths) assert(back.includes(path), path);
          // A run from nothing gives the same.
          const fresh = await place.run(calls, { cache: "none" });
          assertEquals(told.value, fresh.value);
          // What a task finds may have changed in the moment before it began: then its result is not kept, and it runs again.
          const unsure = (await place.run(calls, { history: false })).ran;
          assert(unsure.every((call) => call.includes("finds: true")), unsure.join());
          assertEquals((await place.run(calls, { history: false })).ran, []);
        }
      },
    ),
    { seed, numRuns: 40 },
  );
});

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ItemExtra, ItemLinks, UpstreamValue } from "../../src/execute/protocol.ts";
import type { JobSpec } from "../../src/execute/jobs/job_spec.ts";
import { specOfText, textOfSpec } from "../../src/execute/jobs/spec_text.ts";
import { spec } from "../support/job_spec.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((some) => new Uint8Array(some));
const named = fc.record({ task: fc.string(), key: fc.string(), digest: fc.string() });
const value: fc.Arbitrary<UpstreamValue> = fc.oneof(
  fc.tuple(named, bytes).map(([names, bytes]) => ({ ...names, bytes })),
  fc.tuple(named, fc.string()).map(([names, file]) => ({ ...names, file })),
);
const links: fc.Arbitrary<ItemLinks> = fc.record({ inputs: fc.array(fc.nat()), deps: fc.array(fc.nat()) });
const extra: fc.Arbitrary<ItemExtra> = fc.record({
  names: fc.array(fc.tuple(fc.string(), fc.nat())),
  outputs: fc.array(fc.string({ unit: "binary" })),
  latest: fc.record({ bytes, follow: fc.boolean() }),
}, { requiredKeys: [] });
const holes = <One>(of: fc.Arbitrary<One>) => fc.array(fc.option(of, { nil: undefined }));

Deno.test("a specification is read as it was written, whatever it holds", () => {
  fc.assert(
    fc.property(
      bytes,
      fc.array(value),
      holes(links),
      holes(extra),
      fc.constantFrom(0, 4096, Infinity),
      (bytes, values, links, extras, inlineBytes) => {
        const { open: { control: _, ...open }, batch } = spec();
        const written = spec({
          open: { ...open, inlineBytes } as JobSpec["open"],
          batch: { ...batch, bytes, values, links, extras },
        });
        assertEquals(specOfText(textOfSpec(written)), written);
      },
    ),
  );
});

Deno.test("parameters of a run are read as they were given, whatever they are", () => {
  const params = { when: new Date(0), none: undefined, big: 5n, not: NaN, names: new Map([["a", [, 1]]]) };
  const read = specOfText(textOfSpec(spec({ open: { ...spec().open, params } }))).open.params;
  assertEquals(read, params);
  assert(!(0 in (read["names"] as Map<string, unknown[]>).get("a")!));
});

Deno.test("people can read a specification", () => {
  assertEquals(JSON.parse(textOfSpec(spec({ name: "runner-x-7" }))).name, "runner-x-7");
});

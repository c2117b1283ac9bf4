/** What decides whether a stored result may be used: each field counts, and its order. */
import { match, notStrictEqual, strictEqual } from "node:assert/strict";
import { deepStrictEqual } from "node:assert/strict";
import { digestOf } from "../../src/model/digest.ts";
import { envParts, validity, type ValidityParts } from "../../src/plan/validity.ts";

const [a, b] = [digestOf("a"), digestOf("b")];
const parts: ValidityParts = { code: "c1", upstreams: [a, b], env: ["HOME=/x"] };

/** One change each. */
const CHANGES: Readonly<Record<string, Partial<ValidityParts>>> = {
  "other code": { code: "c2" },
  "no upstreams": { upstreams: [] },
  "one upstream fewer": { upstreams: [a] },
  "one upstream more": { upstreams: [a, b, b] },
  "another upstream result": { upstreams: [a, a] },
  "upstreams in another order": { upstreams: [b, a] },
  "no environment": { env: [] },
  "another value": { env: ["HOME=/y"] },
  "a variable that is not set": { env: ["HOME"] },
  "a variable that is empty": { env: ["HOME="] },
  "two variables": { env: ["HOME=/x", "USER=me"] },
  "a value with what looks like a second variable": { env: ['HOME=/x","USER=me'] },
};

Deno.test("each change of a part changes the validity", () => {
  const seen = new Map<string, string>([[validity(parts), "no change"]]);
  for (const [name, change] of Object.entries(CHANGES)) {
    const changed = validity({ ...parts, ...change });
    match(changed, /^[0-9a-f]{32}$/);
    strictEqual(seen.get(changed), undefined, `${name} is like ${seen.get(changed)}`);
    seen.set(changed, name);
  }
});

Deno.test("equal parts have one validity, upstreams or not", () => {
  strictEqual(validity(structuredClone(parts)), validity(parts));
  const alone = { ...parts, upstreams: [] };
  strictEqual(validity(structuredClone(alone)), validity(alone));
  notStrictEqual(validity({ ...alone, env: [] }), validity(alone));
});

Deno.test("code and environment cannot be taken for each other", () => {
  const one = validity({ code: 'c\0["X"]', upstreams: [a], env: [] });
  notStrictEqual(one, validity({ code: "c", upstreams: [a], env: ["X"] }));
});

Deno.test("declared variables: set, empty and not set are told apart", () => {
  deepStrictEqual(envParts(["A", "B", "C"], { A: "1", B: "", D: "4" }), ["A=1", "B=", "C"]);
});

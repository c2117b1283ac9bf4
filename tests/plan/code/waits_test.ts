/** Which awaits hold up a module, by its text. */
import { assertEquals } from "@std/assert";
import { lex } from "../../../src/plan/code/tokens.ts";
import { topLevelWaits } from "../../../src/plan/code/waits.ts";

/** The words behind the awaits that are found. */
function found(source: string): string[] {
  const lexed = lex(source, "m.ts");
  assertEquals(lexed.sound, true);
  return topLevelWaits(lexed).map((token) => lexed.tokens[lexed.tokens.indexOf(token) + 1]!.text);
}

Deno.test("awaits of a module itself are found, in whatever statement", () => {
  assertEquals(
    found(`
      const a = await a1, b = { x: [await a2], y: \`\${await a3}\` };
      export const c: Promise<number> = f(await a4);
      if (a) { await a5; } else { await a6 }
      try { await a7 } catch (e) { await a8 } finally { await a9 }
      for await (const d of e) { await b1 }
      for (const d of await b2) { do { await b3 } while (await b4) }
      switch (await b5) { case 1: await b6 }
      export default await b7;
      await b8`),
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `a${n}`).concat("(", [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `b${n}`)),
  );
});

Deno.test("awaits of functions are not", () => {
  assertEquals(
    found(`
      async function f(): Promise<void> { await a1; if (x) { await a2 } }
      const g = async () => await a3
      const h = async (y: number): Promise<Map<string, number>> => { await a4 }
      const i = { async m() { await a5 }, n: async () => f(await a6), o: await b1 };
      class C { async m(): Promise<C> { await a7 } static async if() { await a8 } d = async () => await a9 }
      export const t = task("t", { run: async () => { for (const z of await a1) await a2 } });
      list.map(async (one) => await a3, await b2);
      export default async function () { await a4 }
      x.catch(async () => { await a5 }); y.await; ({ await: 1 });
      await b3;`),
    ["b1", "b2", ":", "b3"],
  );
});

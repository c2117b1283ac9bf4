/** What every cache does, whatever it keeps results in. */
import { assert, assertEquals } from "@std/assert";
import { digestOf } from "../../src/model/digest.ts";
import type { Cache } from "../../src/store/cache.ts";

/** A cache under test, with the way results get into it. */
export interface CacheUnderTest extends Disposable {
  readonly cache: Cache;
  /** Stores a result, as a run does. */
  put(task: string, key: string, validity: string, bytes: Uint8Array, kind?: number): void;
  /** What the next run sees. */
  reopen(): Cache;
}

/** A key by number. */
export const keyOf = (number: number): string => number.toString(16).padStart(40, "0");
/** A validity by number. */
export const validityOf = (number: number): string => number.toString(16).padStart(32, "a");

/** Registers the tests of a cache. */
export function cacheContract(name: string, open: () => CacheUnderTest): void {
  const test = (what: string, body: (place: CacheUnderTest) => void): void =>
    Deno.test(`${name}: ${what}`, () => {
      using place = open();
      body(place);
    });
  const bytesOf = (cache: Cache, task: string, key: string, validity: string): Uint8Array | undefined => {
    const hit = cache.lookup(task, key, validity);
    const bytes = hit && cache.read(hit);
    if (hit !== undefined && bytes !== undefined) assertEquals(hit.digest, digestOf(bytes));
    return bytes && new Uint8Array(bytes);
  };
  const sizes = [0, 1, 20, 34, 35, 96, 97, 4_000, 5_000, 200_000];

  test("what was stored is found, now and by the next run", (place) => {
    for (const [number, size] of sizes.entries()) {
      const bytes = new Uint8Array(size).map((_, index) => index * 7 + size);
      place.put("t", keyOf(number), validityOf(1), bytes);
      assertEquals(bytesOf(place.cache, "t", keyOf(number), validityOf(1)), bytes);
    }
    place.cache.close();
    for (let round = 0; round < 2; round++) {
      const next = place.reopen();
      for (const [number, size] of sizes.entries()) {
        const bytes = new Uint8Array(size).map((_, index) => index * 7 + size);
        assertEquals(bytesOf(next, "t", keyOf(number), validityOf(1)), bytes);
      }
      next.close();
      assertEquals(next.warnings(), []);
    }
  });
  test("another task, key or validity is a miss", (place) => {
    place.put("t", keyOf(1), validityOf(1), new Uint8Array([1]));
    assertEquals(place.cache.lookup("other", keyOf(1), validityOf(1)), undefined);
    assertEquals(place.cache.lookup("t", keyOf(2), validityOf(1)), undefined);
    assertEquals(place.cache.lookup("t", keyOf(1), validityOf(2)), undefined);
  });
  test("all validities of a key are kept", (place) => {
    for (const number of [1, 2, 3]) {
      place.put("t", keyOf(1), validityOf(number), new Uint8Array([number]));
    }
    const next = place.reopen();
    for (const number of [1, 2, 3]) {
      assertEquals(bytesOf(next, "t", keyOf(1), validityOf(number)), new Uint8Array([number]));
    }
  });
  test("whether the bytes are an expression is kept", (place) => {
    place.put("t", keyOf(1), validityOf(1), new Uint8Array([1]), 1);
    place.put("t", keyOf(2), validityOf(1), new Uint8Array([1]), 0);
    place.cache.close();
    for (const cache of [place.cache, place.reopen(), place.reopen()]) {
      assertEquals(cache.lookup("t", keyOf(1), validityOf(1))?.kind, 1);
      assertEquals(cache.lookup("t", keyOf(2), validityOf(1))?.kind, 0);
    }
  });
  test("the caller's buffer is not kept", (place) => {
    const bytes = new Uint8Array([1, 2, 3]);
    place.put("t", keyOf(1), validityOf(1), bytes);
    bytes.fill(9);
    assertEquals(bytesOf(place.cache, "t", keyOf(1), validityOf(1)), new Uint8Array([1, 2, 3]));
  });
  test("clearing takes the named entries and no others, and counts them", (place) => {
    for (const task of ["t", "u"]) {
      for (const number of [1, 2]) {
        for (const valid of [1, 2]) {
          place.put(task, keyOf(number), validityOf(valid), new Uint8Array([1]));
        }
      }
    }
    place.cache.close();
    const next = place.reopen();
    assertEquals(next.clear("t", [keyOf(1), keyOf(7)]), 2);
    assertEquals(next.lookup("t", keyOf(1), validityOf(1)), undefined);
    assertEquals(next.lookup("t", keyOf(1), validityOf(2)), undefined);
    assert(next.lookup("t", keyOf(2), validityOf(1)) !== undefined);
    assertEquals(next.clear("t", "all"), 2);
    assertEquals(next.clear("t", "all"), 0);
    assertEquals(next.clear("never heard of", "all"), 0);
    assertEquals(next.lookup("t", keyOf(2), validityOf(1)), undefined);
    assertEquals(next.clear("u", "all"), 4);
  });
  test("what was given up is gone, and known as that until there is a result, or all is cleared", (place) => {
    const [one, other] = [keyOf(1), keyOf(2)];
    for (const key of [one, other]) place.put("t", key, validityOf(1), new Uint8Array([1]));
    for (const _ of [1, 2]) {
      place.cache.giveUp("t", one);
      place.cache.giveUp("t", keyOf(3));
      const next = place.reopen();
      assertEquals(next.lookup("t", one, validityOf(1)), undefined);
      assertEquals([one, other, keyOf(3)].map((key) => next.isGivenUp("t", key)), [true, false, false]);
      assertEquals(next.lookup("t", other, validityOf(1))?.kind, 0);
    }
    place.put("t", one, validityOf(1), new Uint8Array([2]));
    assertEquals(place.reopen().lookup("t", one, validityOf(1))?.kind, 0);
    place.cache.clear("t", "all");
    place.cache.giveUp("t", one);
    assertEquals(place.reopen().isGivenUp("t", one), false);
  });
  test("what is stored again after it was cleared is the new one", (place) => {
    place.put("t", keyOf(1), validityOf(1), new Uint8Array([1]));
    place.cache.close();
    place.reopen().clear("t", "all");
    place.put("t", keyOf(1), validityOf(1), new Uint8Array([2]));
    for (const cache of [place.cache, place.reopen()]) {
      assertEquals(bytesOf(cache, "t", keyOf(1), validityOf(1)), new Uint8Array([2]));
    }
  });
}

/** Amounts of resources: as users write them, as people read them, and what becomes of them. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  type Amount,
  exceeding,
  grown,
  inUnit,
  readableAmount,
  readAmount,
  readResources,
  type ResourcesOption,
} from "../../src/model/resources.ts";

const KIBI = 1024, MEBI = 1024 ** 2, GIBI = 1024 ** 3;

const GOOD: readonly [string, Amount, number][] = [
  ["mem", "16g", 16 * GIBI],
  ["mem", "512m", 512 * MEBI],
  ["mem", "1.5 GiB", 1.5 * GIBI],
  ["mem", "4GB", 4 * GIBI],
  ["mem", "100k", 100 * KIBI],
  ["mem", "2T", 2 * 1024 ** 4],
  ["mem", " 3 mib ", 3 * MEBI],
  ["mem", "0.3k", 308],
  ["mem", "700b", 700],
  ["mem", "700", 700],
  ["mem", 1_000, 1_000],
  ["mem", 0, 0],
  ["cpu", 4, 4],
  ["cpu", 0.5, 0.5],
  ["cpu", "2", 2],
  ["gpu", 0, 0],
  ["gpu", 8, 8],
  ["time", "1h", 3_600_000],
  ["time", 90_000, 90_000],
  ["licence", 3, 3],
  ["licence", "3", 3],
  ["scratch", "100g", 100 * GIBI],
];

Deno.test("amounts: units are powers of 1024, numbers stand for themselves", () => {
  for (const [name, amount, read] of GOOD) strictEqual(readAmount(name, amount), read, `${name} ${amount}`);
});

const BAD: readonly [string, unknown, string][] = [
  [
    "mem",
    "16 gigs",
    '`resources.mem` is a number of bytes, or a text with a unit, as in "16g" or "512m", not "16 gigs"',
  ],
  [
    "mem",
    -1,
    '`resources.mem` is a number of bytes, or a text with a unit, as in "16g" or "512m", not -1',
  ],
  ["cpu", "4g", '`resources.cpu` is a number of processors from 0 up, as in 4 or 0.5, not "4g"'],
  ["gpu", 0.5, "`resources.gpu` is a whole number of graphics processors from 0 up, not 0.5"],
  [
    "time",
    "1 hour",
    '`resources.time` is a length of time, as in "30m" or "2h", or a number of milliseconds, not "1 hour"',
  ],
  [
    "licence",
    "many",
    '`resources.licence` is a number from 0 up, or a text with a unit, as in "100g", not "many"',
  ],
  [
    "constructor",
    "",
    '`resources.constructor` is a number from 0 up, or a text with a unit, as in "100g", not ""',
  ],
];

Deno.test("what is no amount is refused: of which resource, and what it may be", () => {
  for (const [name, amount, message] of BAD) {
    throws(() => readAmount(name, amount as Amount), new RangeError(message));
  }
  const nothings: readonly unknown[] = [
    "",
    "g",
    "-1g",
    "1e3",
    ".5g",
    "1.g",
    "1gg",
    NaN,
    Infinity,
    null,
    true,
    {},
  ];
  for (const nothing of nothings) {
    for (const name of ["cpu", "mem", "gpu", "time", "licence"]) {
      throws(() => readAmount(name, nothing as Amount), { name: "RangeError" }, `${name} ${nothing}`);
    }
  }
});

Deno.test("needs are read as a whole, and everything that is wrong is told", () => {
  deepStrictEqual(
    readResources({ cpu: 2, mem: "1g", time: "2h", licence: 1, seats: undefined }),
    { cpu: 2, mem: GIBI, time: 7_200_000, licence: 1 },
  );
  deepStrictEqual(readResources({}), {});
  throws(
    () => readResources({ cpu: -1, mem: "lots", "of which": 1, licence: 2 }),
    new RangeError(
      "`resources.cpu` is a number of processors from 0 up, as in 4 or 0.5, not -1; " +
        '`resources.mem` is a number of bytes, or a text with a unit, as in "16g" or "512m", not "lots"; ' +
        '"of which" cannot name a resource: a letter, and then letters, digits, `_` and `-`',
    ),
  );
  for (const given of [null, [], "16g", 4]) {
    throws(() => readResources(given as unknown as ResourcesOption), {
      name: "RangeError",
      message: /^`resources` is a record, as in \{ cpu: 4, mem: "16g" \}, not /,
    });
  }
});

Deno.test("amounts for people", () => {
  const shown: readonly [string, number, string][] = [
    ["mem", 16 * GIBI, "16 GiB"],
    ["mem", 1.5 * GIBI, "1.5 GiB"],
    ["mem", 0, "0 B"],
    ["mem", 1_000, "1000 B"],
    ["mem", GIBI - 1, "1 GiB"],
    ["mem", 24_684_084 * KIBI, "23.54 GiB"],
    ["time", 3_600_000, "1h"],
    ["time", 5_400_000, "90m"],
    ["time", 86_400_000, "1d"],
    ["time", 250, "250ms"],
    ["time", 0, "0ms"],
    ["cpu", 4, "4"],
    ["cpu", 0.5, "0.5"],
    ["cpu", 1 / 3, "0.33"],
    ["gpu", MEBI, String(MEBI)],
    ["licence", 1_000, "1000"],
    ["scratch", 100 * GIBI, "100 GiB"],
  ];
  for (const [name, amount, text] of shown) {
    strictEqual(readableAmount(name, amount), text, `${name} ${amount}`);
  }
});

Deno.test("what is shown of whole MiB and of time can be written as it is", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 100_000 }), (millis) => {
    strictEqual(readAmount("time", readableAmount("time", millis)), millis);
  }));
  fc.assert(fc.property(fc.integer({ min: 1, max: 1_023 }), (units) => {
    strictEqual(readAmount("mem", readableAmount("mem", units * MEBI)), units * MEBI);
  }));
});

Deno.test("needs grow by their factors, memory to whole MiB, up to the most there may be", () => {
  const had = { cpu: 4, mem: GIBI, gpu: 1, time: 3_600_000, licence: 3 };
  deepStrictEqual(grown(had, { mem: 2, time: 1.5 }, {}), { ...had, mem: 2 * GIBI, time: 5_400_000 });
  deepStrictEqual(grown(had, { mem: 2 }, { mem: 1.5 * GIBI }), { ...had, mem: 1.5 * GIBI });
  deepStrictEqual(grown(had, { mem: 1.1 }, {}), { ...had, mem: 1_127 * MEBI });
  deepStrictEqual(grown({ mem: 10 * MEBI }, { mem: 1.1 }, {}), { mem: 11 * MEBI });
  deepStrictEqual(grown({ licence: 100 }, { licence: 1.1 }, {}), { licence: 110 }, "not one more for 1e-15");
  deepStrictEqual(grown(had, { cpu: 1.5, gpu: 1.5, licence: 1.1 }, {}), {
    ...had,
    cpu: 6,
    gpu: 2,
    licence: 4,
  });
  deepStrictEqual(grown({ cpu: 0.5 }, { cpu: 1.5 }, {}), { cpu: 0.75 });
  deepStrictEqual(grown({ cpu: 1 }, { mem: 2 }, {}), { cpu: 1 }, "what nobody asked for does not grow");
  deepStrictEqual(grown(had, { mem: 2 }, { mem: MEBI }), had, "nobody gets less than before");
  deepStrictEqual(grown({ constructor: 1 } as Record<string, number>, {}, {}), { constructor: 1 });
});

Deno.test("growth never shrinks, and never goes over the most", () => {
  const amounts = fc.record({ cpu: fc.nat(64), mem: fc.nat(2 ** 40), licence: fc.nat(9) });
  const factor = fc.double({ min: 1, max: 8, noNaN: true });
  const factors = fc.record({ cpu: factor, mem: factor, licence: factor }, { requiredKeys: [] });
  fc.assert(fc.property(amounts, factors, amounts, (had, factors, max) => {
    const now = grown(had, factors, max);
    deepStrictEqual(Object.keys(now), Object.keys(had));
    for (const name of ["cpu", "mem", "licence"] as const) {
      ok(now[name]! >= had[name] && now[name]! <= Math.max(had[name], max[name]));
      ok(Number.isInteger(now[name]));
    }
  }));
});

Deno.test("bytes in whole units, rounded up", () => {
  strictEqual(inUnit(0, "m"), 0);
  strictEqual(inUnit(1, "m"), 1);
  strictEqual(inUnit(16 * GIBI, "g"), 16);
  strictEqual(inUnit(16 * GIBI + 1, "g"), 17);
  strictEqual(inUnit(1.5 * GIBI, "m"), 1_536);
  strictEqual(inUnit(1_025, "k"), 2);
});

Deno.test("what is needed and not there", () => {
  const capacities = { cpu: 8, mem: 4 * GIBI, gpu: 0 };
  deepStrictEqual(exceeding({ cpu: 8, mem: 16 * GIBI, gpu: 1, licence: 5 }, capacities), [
    { name: "mem", needed: 16 * GIBI, available: 4 * GIBI },
    { name: "gpu", needed: 1, available: 0 },
  ]);
  deepStrictEqual(exceeding({ constructor: 1 } as Record<string, number>, {}), []);
});

/** The large example: its figures against a plain count of the same file, its files, and that a second run does nothing. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { asyncBufferFromFile, dataUrl, parquetRead } from "../../examples/flights/deps.ts";
import { place } from "./run_example.ts";

/** What the example's `main` gives. */
interface Report {
  readonly report: string;
  readonly files: number;
  readonly flights: number;
  readonly airports: number;
  readonly routes: number;
  readonly meanDelay: number;
  readonly late: number;
}

Deno.test("flights: 3,000,000 rows through more than 200 tasks to a report with exact figures", async () => {
  await using here = await place();

  const { value, stats } = await here.run<Report>("flights");
  assertEquals(stats.ranByTask, {
    numbers: 33,
    codes: 22,
    airports: 1,
    tally: 66,
    merge: 6,
    profiles: 1,
    map: 1,
    chart: 3,
    page: 100,
    report: 1,
    main: 1,
  });

  const counted = await countPlainly();
  assertEquals(value.flights, 3_000_000);
  assertEquals(counted.flights, 3_000_000);
  assertEquals(value.airports, counted.origins.size);
  assertEquals(value.routes, counted.routes.size);
  assertEquals(value.meanDelay, counted.delay / counted.flights);
  assertEquals(value.late, counted.late / counted.flights);

  const folder = dirname(value.report);
  const read = (name: string) => Deno.readTextFileSync(join(folder, name));
  const english = (count: number | undefined) => count?.toLocaleString("en-US") ?? "none";

  const report = read("report.md");
  assertStringIncludes(report, "3,000,000 domestic flights");
  assertStringIncludes(report, `| LAX → LAS | ${english(counted.routes.get("LAX-LAS"))} |`);
  for (const [, target] of report.matchAll(/\]\(([^)]+)\)/g)) assert(read(target!).length > 500, target);

  const [busiest] = [...counted.origins].toSorted((a, b) => b[1] - a[1]);
  assertEquals(busiest?.[0], "ORD");
  assertStringIncludes(read("airports/ORD.md"), `| ${english(busiest?.[1])} |`);
  assertStringIncludes(read("map.svg"), `Chicago IL: ${english(busiest?.[1])} departures`);
  assertStringIncludes(read("hours.svg"), `17:00: ${english(counted.hours.get(17))} flights`);

  const drawings = ["map", "hours", "months", "days", "airports/ORD", "airports/DFW"];
  for (const name of drawings) assertWellFormed(read(`${name}.svg`), name);
  assertEquals([...Deno.readDirSync(join(folder, "airports"))].length, 200);
  assertEquals(value.files, 205);

  const second = await here.run<Report>("flights");
  assertEquals([second.stats.ran, second.stats.upToDate], [0, stats.nodes]);
  assertEquals(second.value, value);

  const fewer = await here.run<Report>("flights", "--top", "20");
  assertEquals(fewer.stats.ranByTask, { report: 1, main: 1 });
  assertEquals(fewer.value.files, 45);
});

/** Counts the file in the plainest way there is: one thread, one loop, maps of text. */
async function countPlainly() {
  const columns = ["date", "delay", "origin", "destination"];
  const origins = new Map<string, number>(),
    routes = new Map<string, number>(),
    hours = new Map<number, number>();
  const plusOne = <Key>(counts: Map<Key, number>, key: Key) =>
    void counts.set(key, (counts.get(key) ?? 0) + 1);
  let flights = 0, delay = 0, late = 0;
  const groups = new Map<number, Record<string, ArrayLike<unknown>>>();
  await parquetRead({
    file: await asyncBufferFromFile(fileURLToPath(dataUrl("flights-3m.parquet"))),
    columns,
    compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
    onChunk: ({ columnName, columnData, rowStart }) => {
      const group = { ...groups.get(rowStart), [columnName]: columnData };
      groups.set(rowStart, group);
      if (Object.keys(group).length < columns.length) return;
      for (let row = 0; row < columnData.length; row++) {
        const minutes = Number(group.delay![row]);
        flights += 1;
        delay += minutes;
        if (minutes >= 15) late += 1;
        plusOne(origins, group.origin![row] as string);
        plusOne(routes, `${group.origin![row]}-${group.destination![row]}`);
        plusOne(hours, (group.date![row] as Date).getUTCHours());
      }
      groups.delete(rowStart);
    },
  });
  return { flights, delay, late, origins, routes, hours };
}

/** Fails when tags are not closed in order or text is not escaped. */
function assertWellFormed(xml: string, name: string): void {
  const open: string[] = [];
  for (const [, close, tag, alone] of xml.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (close) assertEquals(open.pop(), tag, name);
    else if (!alone) open.push(tag!);
  }
  assertEquals(open, [], name);
  const text = xml.replaceAll(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, "");
  assert(!/[<>]|&(?!amp;|lt;|gt;|quot;)/.test(text), `${name} has text that is not escaped`);
  assert(!/NaN|undefined|Infinity/.test(xml), `${name} has a number that is none`);
}

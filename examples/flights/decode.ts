/**
 * Reads the input files: columns of the Parquet file as typed arrays, the airports, the map of the US.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import {
  asyncBufferFromFile,
  csvParse,
  dataUrl,
  parquetMetadataAsync,
  parquetRead,
  type Topology,
} from "./deps.ts";

/** How many row groups the flights file has: each is read by tasks of its own. */
export const ROW_GROUPS = 11;

/** A column of whole numbers: minutes since 1970 (local time), minutes of delay, miles. */
export type NumberColumn = "date" | "delay" | "distance";

/** A column of airport codes. */
export type CodeColumn = "origin" | "destination";

/** A text column as numbers: row `i` reads `names[codes[i]]`. */
export interface Coded {
  readonly codes: Uint16Array;
  readonly names: readonly string[];
}

/** An airport as `airports.csv` describes it. */
export interface Airport {
  readonly iata: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly longitude: number;
  readonly latitude: number;
}

/** The path of an input file, or an error that says what to do when it is not there. */
export function dataFile(name: string): string {
  const path = fileURLToPath(dataUrl(name));
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new Error(
      `The npm package vega-datasets has no file "data/${name}" (looked at ${path}): the cached copy ` +
        `is incomplete. Fetch it again with: deno cache --reload=npm:vega-datasets examples/flights/deps.ts`,
    );
  }
  return path;
}

/** One column of whole numbers of one row group. */
export async function decodeNumbers(group: number, column: NumberColumn): Promise<Int32Array> {
  const values = await readColumn(group, column) as ArrayLike<number | bigint>;
  return Int32Array.from(values, Number);
}

/** One column of airport codes of one row group. */
export async function decodeCodes(group: number, column: CodeColumn): Promise<Coded> {
  const values = await readColumn(group, column) as ArrayLike<string>;
  const names: string[] = [];
  const known = new Map<string, number>();
  const codes = Uint16Array.from(values, (name) => {
    let code = known.get(name);
    if (code === undefined) {
      code = names.push(name) - 1;
      known.set(name, code);
    }
    return code;
  });
  return { codes, names };
}

/** All airports by their IATA code. */
export function readAirports(): Record<string, Airport> {
  const airports: Record<string, Airport> = {};
  for (const row of csvParse(readFileSync(dataFile("airports.csv"), "utf8"))) {
    const { iata = "", name = "", city = "", state = "", longitude, latitude } = row;
    airports[iata] = { iata, name, city, state, longitude: Number(longitude), latitude: Number(latitude) };
  }
  return airports;
}

/** The states of the US as TopoJSON. */
export function readMap(): Topology {
  return JSON.parse(readFileSync(dataFile("us-10m.json"), "utf8"));
}

async function readColumn(group: number, column: string): Promise<ArrayLike<unknown>> {
  const file = await asyncBufferFromFile(dataFile("flights-3m.parquet"));
  const metadata = await parquetMetadataAsync(file);
  const before = metadata.row_groups.slice(0, group);
  const rows = metadata.row_groups[group]?.num_rows;
  if (rows === undefined) {
    throw new RangeError(`There is no row group ${group}: the file has ${metadata.row_groups.length}`);
  }
  const rowStart = before.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
  const chunks: ArrayLike<unknown>[] = [];
  await parquetRead({
    file,
    metadata,
    columns: [column],
    rowStart,
    rowEnd: rowStart + Number(rows),
    compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
    // A time becomes a number at once: a Date object for each of 3,000,000 rows would take far more memory.
    parsers: { timestampFromMicroseconds: (micros) => micros / 60_000_000n },
    onChunk: ({ columnData }) => chunks.push(columnData),
  });
  const [only] = chunks;
  if (chunks.length !== 1 || only?.length !== Number(rows)) {
    throw new Error(`Row group ${group}: expected ${rows} values of "${column}" in one chunk`);
  }
  return only;
}

/**
 * Everything from outside that this example uses, each with the reason it is here.
 *
 * One file, so that a version is raised in one place. No package is more than a few plain functions, none
 * needs a DOM, and none reads the network at run time: npm's own cache is the only source.
 *
 * @module
 */

// The data: 3,000,000 US flights of 2001, the airports and a US map, in one package that the Vega team releases
// regularly. The import makes Deno fetch the package; its data files then lie beside the resolved module.
import "npm:vega-datasets@3.2.1";

/** The address of a data file in the `vega-datasets` package, in Deno's npm cache. */
export function dataUrl(name: string): URL {
  return new URL(`../data/${name}`, import.meta.resolve("npm:vega-datasets@3.2.1"));
}

// Parquet without native code: pure JavaScript, no dependencies, typed, released monthly, reads single row groups and
// columns by byte range. (Its codec for this file, Zstandard, is in node:zlib.)
export { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from "npm:hyparquet@1.31.5";

// CSV with quoting done right: the parser of the D3 project, 3 kB.
// @ts-types="npm:@types/d3-dsv@3.0.7"
export { csvParse } from "npm:d3-dsv@3.0.2";

// Map projections, great circles and path strings: the reference implementation, by the D3 project.
// @ts-types="npm:@types/d3-geo@3.1.1"
export { geoAlbersUsa, geoPath } from "npm:d3-geo@3.1.2";

// Scales and round tick values, which are easy to get nearly right.
// @ts-types="npm:@types/d3-scale@4.0.9"
export { scaleBand, scaleLinear, scaleSqrt, scaleThreshold } from "npm:d3-scale@4.0.3";

// Reads the TopoJSON in which the US map comes; by the authors of the format.
// @ts-types="npm:@types/topojson-client@3.1.5"
export { feature, mesh } from "npm:topojson-client@3.1.0";
// @ts-types="npm:@types/topojson-specification@1.0.5"
export type { GeometryCollection, Topology } from "npm:@types/topojson-specification@1.0.5";

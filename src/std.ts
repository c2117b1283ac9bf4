/** What is used of Deno's standard library, from its npm mirror; the one place that changes when JSR can be reached. */

// @ts-types="./std.d.ts"
export { parseArgs } from "npm:deno-std@1.4.0/cli/parse_args.js";

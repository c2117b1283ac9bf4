/** Types of what `std.ts` takes from the untyped mirror of Deno's standard library. */

/** Parses command line arguments: flags by name, the rest under `_`. */
export function parseArgs(
  args: readonly string[],
  options: {
    readonly boolean?: readonly string[];
    readonly string?: readonly string[];
    readonly collect?: readonly string[];
    readonly alias?: Readonly<Record<string, string>>;
    readonly "--"?: boolean;
  },
): Record<string, unknown> & { readonly _: readonly (string | number)[]; readonly "--"?: readonly string[] };

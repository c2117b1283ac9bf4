/** `runner plan`: where and how the calls of targets would run, and what they may do there. Runs nothing. */
import process from "node:process";
import type { PlaceSummary } from "../../engine/place_summary.ts";
import type { Preview } from "../../engine/preview.ts";
import { alignRows } from "../../report/rows.ts";
import { type Style, styleFor } from "../../report/style.ts";
import type { Entry } from "../../wire.ts";
import { readArguments, usage } from "../arguments.ts";
import { loadPipeline } from "../pipeline.ts";
import { PLAN_OPTIONS, takeForced } from "../run_options.ts";
import { settingsOf } from "../settings.ts";
import { forcedNames, wanted } from "../targets.ts";
import { previewOf } from "./explain.ts";
import { print } from "../output.ts";

const HELP =
  `Usage: runner plan <pipeline.ts> [target …] [--<field> value …] [the options of run that say where tasks run] [--json]

Says for each task of the targets' graph how many calls there are and how many would run, where they would run (a worker, a
process, a sandbox, a cluster), what they ask for, which limits hold, and what a sandboxed task may do. Runs nothing.
`;

/** Prints where calls would run. */
export async function command(args: readonly string[], entry: Entry): Promise<number> {
  const { forced, rest } = takeForced(args);
  const parsed = readArguments(rest, PLAN_OPTIONS);
  const [path, ...names] = parsed.words;
  if (parsed.flags.has("help")) {
    print(HELP);
    return 0;
  }
  if (path === undefined) throw usage("Name a pipeline: runner plan <pipeline.ts> [target …]");
  const pipeline = await loadPipeline(path, entry);
  const { future } = await wanted(pipeline, names, parsed, "plan");
  const force = forcedNames(pipeline, forced);
  const preview = await previewOf(pipeline, future, parsed, force, settingsOf(pipeline), entry);
  const counted = counts(preview);
  print(
    parsed.flags.has("json")
      ? `${JSON.stringify(counted)}\n`
      : text(counted, styleFor(process.stdout.isTTY === true, process.env)),
  );
  return 0;
}

interface Counted extends PlaceSummary {
  readonly calls: number;
  readonly upToDate: number;
}

function counts({ nodes, places }: Preview): Counted[] {
  return places.flatMap((place, index) => {
    const mine = nodes.filter((node) => node.place === index);
    const upToDate = mine.filter(({ state }) => state === "up-to-date").length;
    return mine.length === 0 ? [] : [{ ...place, calls: mine.length, upToDate }];
  });
}

function text(places: readonly Counted[], style: Style): string {
  const rows = alignRows(places.map(({ task, calls, upToDate, where }) => [
    task,
    `${calls} ${calls === 1 ? "call" : "calls"}`,
    upToDate === 0 ? "" : `${upToDate} up to date`,
    where,
  ]));
  return places.map((place, index) => {
    const { labels, resources, limits, together, timeout, retries, permissions, notes } = place;
    const pairs = (record: Readonly<Record<string, unknown>>, mark: string) =>
      Object.entries(record).map(([name, value]) => `${name}${mark}${value}`).join(", ");
    const details: (readonly [string, string])[] = [
      ["labels", labels.slice(1).join(", ")],
      ["asks for", pairs(resources, " ")],
      [
        "at most at once",
        pairs({ ...limits, ...(together !== undefined && { "all here": together }) }, ": "),
      ],
      ["timeout", timeout ?? ""],
      ["retries", retries === 0 ? "" : String(retries)],
      ...(permissions ?? []).filter((line) => !line.endsWith(": nothing")).map((line) =>
        ["may", line] as const
      ),
      ["may", permissions === undefined ? "" : "nothing else"],
      ...notes.map((note) => ["note", note] as const),
    ];
    const lines = details.filter(([, value]) => value !== "").map(([name, value]) =>
      `\n    ${style.dim(name)}  ${value}`
    );
    return `${rows[index]!}${lines.join("")}\n`;
  }).join("");
}

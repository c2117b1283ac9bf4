/** `runner doctor`: which ways to run tasks elsewhere, and held to permissions, work from here, or those that a pipeline's settings name. */
import type * as doctorModule from "../../dispatch/doctor.ts";
import type * as launchersModule from "../../dispatch/launchers.ts";
import process from "node:process";
import type { DispatchRule } from "../../dispatch/rules.ts";
import { placeProblems } from "../../engine/check_places.ts";
import { DefinitionError } from "../../model/failure.ts";
import { alignRows } from "../../report/rows.ts";
import { styleFor } from "../../report/style.ts";
import { clock, type Entry } from "../../wire.ts";
import { readArguments, refuseFields, usage } from "../arguments.ts";
import { loadPipeline } from "../pipeline.ts";
import { settingsOf } from "../settings.ts";
import { didYouMean } from "../../model/suggest.ts";
import { print } from "../output.ts";

const HELP = `Usage: runner doctor [slurm | lsf | docker | podman | ssh | sandbox …] [--json]
       runner doctor <pipeline.ts> [--json]

Says which ways to run tasks elsewhere, or held to permissions, work from this host, and what is to be known of them: versions,
partitions, the unit in which LSF reads memory limits. With a pipeline: whether the rules of its settings can work. Runs no task and submits nothing.

Exit codes: 0 all that was named works, 2 usage or definition, 3 something that was named does not work.
`;

/** One line of the answer. */
interface Finding {
  readonly name: string;
  readonly works: boolean;
  readonly says: readonly string[];
}

/** Looks around. */
export async function command(args: readonly string[], entry: Entry): Promise<number> {
  const parsed = readArguments(args, { values: [], flags: ["json", "help"] });
  refuseFields(parsed);
  if (parsed.flags.has("help")) {
    print(HELP);
    return 0;
  }
  const [first] = parsed.words;
  const findings = first !== undefined && /[./\\]/.test(first)
    ? await ofPipeline(first, parsed.words.slice(1), entry)
    : await ofThisHost(parsed.words);
  if (parsed.flags.has("json")) {
    for (const finding of findings) print(`${JSON.stringify(finding)}\n`);
  } else print(text(findings));
  return parsed.words.length > 0 && findings.some(({ works }) => !works) ? 3 : 0;
}

/** The ways that were named, or all there are. */
async function ofThisHost(names: readonly string[]): Promise<readonly Finding[]> {
  const { EXAMINED, examine }: typeof doctorModule = await import("../../dispatch/doctor.ts" as string);
  const unknown = names.find((name) => !(EXAMINED as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw usage(
      `doctor knows nothing of "${unknown}"${
        didYouMean(unknown, EXAMINED) || `; it takes a pipeline, or some of ${EXAMINED.join(", ")}`
      }`,
    );
  }
  const asked = EXAMINED.filter((name) => names.length === 0 || names.includes(name));
  const place = { cwd: process.cwd(), after: clock.after };
  return await Promise.all(asked.map(async (name) => ({ name, ...await examine(name, place) })));
}

/** The rules of a pipeline's settings, by label. */
async function ofPipeline(path: string, more: readonly string[], entry: Entry): Promise<readonly Finding[]> {
  if (more.length > 0) throw usage(`doctor takes one pipeline and nothing else, not ${more.join(" ")}`);
  const pipeline = await loadPipeline(path, entry);
  const settings = settingsOf(pipeline);
  const { dispatch = {}, prefixes = {} } = settings;
  const problems = placeProblems(settings);
  if (problems.length > 0) {
    throw new DefinitionError(problems.map((problem) => ({ kind: "bad-option", problem })));
  }
  const rules: (readonly [string, DispatchRule])[] = [
    ...Object.entries(dispatch),
    ...Object.entries(prefixes).map(([label, command]) => [label, { backend: "prefix", command }] as const),
  ];
  const { checkRule }: typeof launchersModule = await import("../../dispatch/launchers.ts" as string);
  const { examine, memorySays }: typeof doctorModule = await import("../../dispatch/doctor.ts" as string);
  const place = { cwd: process.cwd(), after: clock.after };
  const held = pipeline.tasks.filter(({ isolation }) => isolation === "sandbox");
  const sandbox = held.length === 0 ? [] : [{
    name: held.length === 1 ? held[0]!.name : `${held[0]!.name}, +${held.length - 1} more`,
    ...await examine("sandbox", place),
  }];
  const found = await Promise.all(rules.map(async ([label, rule]) => {
    const { problem } = await checkRule(rule, place);
    const more = rule.backend === "lsf" && !rule.jbsub ? [await memorySays(rule, place)] : [];
    return {
      name: `${label} (${rule.backend})`,
      works: problem === undefined,
      says: [problem ?? "nothing speaks against it", ...more],
    };
  }));
  return [...sandbox, ...found];
}

function text(findings: readonly Finding[]): string {
  if (findings.length === 0) {
    return "The pipeline's settings send nothing elsewhere, and no task is held to permissions\n";
  }
  const style = styleFor(process.stdout.isTTY === true, process.env);
  const rows = findings.flatMap(({ name, works, says }) =>
    says.map((sentence, index) => index === 0 ? [works ? "✓" : "✗", name, sentence] : ["", "", sentence])
  );
  return alignRows(rows).map((line) =>
    `${
      line.startsWith("✓")
        ? style.good("✓") + line.slice(1)
        : line.startsWith("✗")
        ? style.bad("✗") + line.slice(1)
        : line
    }\n`
  ).join("");
}

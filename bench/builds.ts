/** Measurements of builds: files in and out, what starts first. */
import fs from "node:fs";
import { main as compareAll } from "./critical_path.ts";
import { type Finished, runner, WAYS } from "./machine.ts";
import { nothingToDo } from "./peers.ts";
import type { Row } from "./table.ts";
import { duration, median, readable } from "./table.ts";

/** A pipeline that copies files, each by a call of its own; nobody else is told of the results. */
const copies = (count: number): string =>
  `import fs from "node:fs";
import { task } from "runner";

export const copy = task("copy", {
  inputs: ({ i }: { i: number }) => \`in/\${i}\`,
  outputs: ({ i }: { i: number }) => \`out/\${i}\`,
  run: ({ i }: { i: number }) => fs.copyFileSync(\`in/\${i}\`, \`out/\${i}\`),
});
export const root = task("root", ({ of }: { of: readonly unknown[] }) => of.length);
export const main = root({ of: Array.from({ length: ${count} }, (_, i) => copy({ i })) });
`;

/** Digests of files that were written less than two seconds ago are taken again: the tree is made older than that. */
function age(folder: string, count: number): void {
  const past = Date.now() / 1_000 - 60;
  for (const kind of ["in", "out"]) {
    for (let i = 0; i < count; i++) fs.utimesSync(`${folder}/${kind}/${i}`, past, past);
  }
}

/**
 * Runs with nothing to do, as they are from the third on, 3 s after anything was written: what is younger than two
 * seconds is looked at once more by the next run, and file times cannot be set, they have to pass.
 */
export async function settled<T>(once: () => Promise<T>, repeat: number): Promise<T[]> {
  await new Promise((passed) => setTimeout(passed, 3_100));
  await once();
  await once();
  const runs: T[] = [];
  for (let time = 0; time < Math.max(5, repeat); time++) runs.push(await once());
  return runs;
}

/** Nothing to do over a tree of files. */
export async function filesUpToDate(
  folder: string,
  counts: readonly number[],
  repeat: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of counts) {
    const first = count === counts[0];
    const what = `nothing to do, ${readable(count)} tasks, as many files in and out, whole process`;
    const ways = first ? WAYS : WAYS.slice(0, 1);
    const there = ways.filter(({ missing }) => missing === undefined);
    const places = there.map((way, number) => ({
      way,
      place: copied(`${folder}/files-${count}-${number}`, count),
    }));
    const once = ({ way, place }: typeof places[number]) =>
      runner(["run", "pipeline.ts", "--quiet"], place, way);
    for (const place of places) await once(place);
    for (const { place } of places) age(place, count);
    // In turn, so that what else the machine does is the same for all of them.
    const rounds = await settled(async () => {
      const round: Finished[] = [];
      for (const place of places) round.push(await once(place));
      return round;
    }, repeat * 3);
    for (const way of ways) {
      const number = there.indexOf(way);
      const ours = way.missing ??
        duration(median(rounds, (round) => round[number]!.seconds)[number]!.seconds);
      rows.push({ what: `${what}, ${way.name}`, ours });
    }
    for (const { place } of places) fs.rmSync(place, { recursive: true });
    if (first) rows[0] = { ...rows[0]!, peers: await nothingToDo(folder, count, repeat) };
  }
  return rows;
}

/** A folder with a pipeline that copies so many files. */
function copied(place: string, count: number): string {
  fs.mkdirSync(`${place}/in`, { recursive: true });
  fs.writeFileSync(`${place}/pipeline.ts`, copies(count));
  for (let i = 0; i < count; i++) fs.writeFileSync(`${place}/in/${i}`, `${i}\n`);
  return place;
}

/** What starts first, simulated over a corpus of unbalanced graphs. */
export function startOrders(): Row[] {
  return compareAll().map(({ name, nodes, lanes, fifo, criticalPath, bound }) => ({
    what: `simulated ${name}, ${readable(nodes)} nodes, ${lanes} lanes: wall`,
    ours: `${duration(criticalPath.wall / 1_000)}, ${(criticalPath.wall / bound).toFixed(3)} x the bound`,
    peers: {
      "first come": `${duration(fifo.wall / 1_000)} (${
        ((1 - criticalPath.wall / fifo.wall) * 100).toFixed(0)
      } % saved)`,
    },
  }));
}

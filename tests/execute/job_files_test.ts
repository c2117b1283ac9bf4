/** What runs and jobs leave each other: letters, journals, claims; whole, or not there at all. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fs from "node:fs";
import fc from "fast-check";
import { Adoption, orphanedJobs } from "../../src/execute/jobs/adoption.ts";
import { partOf, positionsWhere } from "../../src/execute/jobs/ended.ts";
import { endInJournal, isHere, Journal, readJournal, thisProcess } from "../../src/execute/jobs/journal.ts";
import { letterNumber, lettersIn, readLetter, writeLetter } from "../../src/execute/jobs/letters.ts";
import { closeJob, hasBegun, markOver, revoke, takeClaim } from "../../src/execute/jobs/claim.ts";
import type { EndedMessage } from "../../src/execute/protocol.ts";
import { writeSpec } from "../../src/execute/jobs/spec_file.ts";
import { spec } from "../support/job_spec.ts";
import { tempFolder } from "../support/temp.ts";

Deno.test("a letter is read as it was written, or not at all", () => {
  using folder = tempFolder();
  const file = `${folder.path}/letter`;
  writeLetter(file, { kind: "ask", bytes: new Uint8Array([1, 2, 3]) });
  assertEquals(readLetter(file), { kind: "ask", bytes: new Uint8Array([1, 2, 3]) });
  const whole = fs.readFileSync(file);
  fc.assert(fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
    const damaged = new Uint8Array(whole);
    damaged[at]! ^= change;
    fs.writeFileSync(file, damaged);
    assertThrows(() => readLetter(file), Error, "is not as it was written");
    fs.writeFileSync(file, whole.subarray(0, at));
    assertThrows(() => readLetter(file), Error, "is not as it was written");
  }));
});

Deno.test("letters are found in the order they were written, and only when they are whole", () => {
  using folder = tempFolder();
  for (const number of [7, 100, 12, 1_700_000_000_000]) {
    writeLetter(`${folder.path}/${letterNumber(number)}`, number);
  }
  fs.writeFileSync(`${folder.path}/${letterNumber(1)}~`, "half");
  const found = lettersIn(folder.path).map((name) => readLetter(`${folder.path}/${name}`));
  assertEquals(found, [7, 12, 100, 1_700_000_000_000]);
  assertEquals(lettersIn(`${folder.path}/nowhere`), []);
});

const job = (number: number, folder: string, key = `key ${number}`) => ({
  number,
  name: `runner-r-${number}`,
  folder,
  outbox: `${folder}/outbox`,
  backend: "slurm",
  label: "gpu",
  rule: { backend: "slurm" },
  items: [[key, "validity", 1]] as const,
  call: `one({ n: ${number} })`,
});

Deno.test("a journal tells what has not ended, also when its last line was cut off", () => {
  using folder = tempFolder();
  const journal = new Journal(folder.path);
  journal.open();
  for (const number of [0, 1, 2]) journal.job(job(number, `${folder.path}/${number}`));
  journal.submitting([0, 1], true);
  journal.id(0, "12_0");
  journal.ended(2);
  journal.close();
  fs.appendFileSync(`${folder.path}/journal.jsonl`, '{"id":[1,"12_');
  const { owner, open } = readJournal(folder.path)!;
  assert(owner !== undefined && isHere(owner));
  assertEquals(open.map(({ number, id, submitting }) => [number, id, submitting]), [
    [0, "12_0", true],
    [1, undefined, true],
  ]);
  fs.appendFileSync(`${folder.path}/journal.jsonl`, "\n");
  endInJournal(folder.path, 1);
  assertEquals(readJournal(folder.path)!.open.map(({ number }) => number), [0]);
  assertEquals(readJournal(`${folder.path}/nowhere`), undefined);
});

Deno.test("jobs of a run that lives are nobody else's; those of one that is no more are found", () => {
  using folder = tempFolder();
  const write = (run: string, owner: object, ...jobs: object[]) => {
    fs.mkdirSync(`${folder.path}/${run}`);
    const lines = [{ owner }, ...jobs.map((job) => ({ job }))];
    fs.writeFileSync(
      `${folder.path}/${run}/journal.jsonl`,
      lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
  };
  const dead = { ...thisProcess(), started: "1" };
  write("a", dead, job(0, `${folder.path}/a/0`));
  write("b", thisProcess(), job(0, `${folder.path}/b/0`));
  write("c", { host: "elsewhere", pid: 1, started: "1" }, job(0, `${folder.path}/c/0`));
  fs.writeFileSync(`${folder.path}/c/alive`, "");
  const found = () =>
    orphanedJobs(folder.path, Date.now()).map(({ folder: one }) => one.slice(folder.path.length));
  assertEquals(found(), ["/a/0"]);
  const old = new Date(Date.now() - 120_000);
  fs.utimesSync(`${folder.path}/c/alive`, old, old);
  assertEquals(found(), ["/a/0", "/c/0"], "nothing was heard of it for long");
  assertEquals(orphanedJobs(`${folder.path}/nowhere`, 0), []);
  const long = new Date(Date.now() - 40 * 86_400_000);
  fs.utimesSync(`${folder.path}/a/journal.jsonl`, long, long);
  assertEquals(found(), ["/c/0"]);
  assertEquals(fs.readdirSync(folder.path), ["b", "c"], "what is of no use to anybody is forgotten");
});

Deno.test("a job is taken over by one run, for the same result by the same way", () => {
  using folder = tempFolder();
  const path = `${folder.path}/0`;
  fs.mkdirSync(path);
  writeSpec(`${path}/job`, spec({ batch: { ...spec().batch, id: 5 } }));
  const adopt = (key: string, validity: string, label = "gpu") =>
    new Adoption([job(0, path, "k")]).take(key, validity, label, "slurm");
  assertEquals([adopt("k", "other"), adopt("x", "validity"), adopt("k", "validity", "cpu")], [
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(adopt("k", "validity")?.item, 0);
  assertEquals(adopt("k", "validity"), undefined, "this process has it, and lives");
  fs.writeFileSync(`${path}/adopter`, JSON.stringify({ ...thisProcess(), started: "1" }));
  assert(adopt("k", "validity") !== undefined, "whoever had it is no more");
});

Deno.test("a job is run, or revoked, never both", () => {
  using folder = tempFolder();
  assert(!hasBegun(folder.path));
  assert(revoke(folder.path));
  assert(revoke(folder.path) && !hasBegun(folder.path));
  fs.writeFileSync(`${folder.path}/claim`, JSON.stringify({ by: "run", host: "h", pid: 1, id: "" }));
  assert(!revoke(folder.path) && hasBegun(folder.path));
});

/** Takes a job as a process that was started in an environment; what it is refused with. */
async function takenIn(env: Readonly<Record<string, string>>, folder: string): Promise<string | undefined> {
  return (await takeClaim(folder, (name) => env[name]))?.why;
}

/** Makes it look as if the process that has a job was another one, which has ended. */
function loseClaimer(folder: string): void {
  const claim = JSON.parse(fs.readFileSync(`${folder}/claim`, "utf8"));
  fs.writeFileSync(`${folder}/claim`, JSON.stringify({ ...claim, started: "1" }));
}

const TAKEN = /is being run by process \d+ on host \S+ already/;

Deno.test("a job is taken once, until nobody waits for it", async () => {
  using folder = tempFolder();
  assertEquals(await takenIn({ PBS_JOBID: "12" }, folder.path), undefined);
  for (const env of [{ PBS_JOBID: "12" }, { PBS_JOBID: "13" }, {}] as Record<string, string>[]) {
    assertMatch((await takenIn(env, folder.path))!, TAKEN);
  }
  assert(hasBegun(folder.path));
  closeJob(folder.path);
  assertEquals(await takenIn({ PBS_JOBID: "12" }, folder.path), "nobody waits for this job any more");
  assert(!hasBegun(folder.path) && revoke(folder.path));
  assertEquals(fs.readdirSync(folder.path), ["claim"], "nothing is left beside it");
});

for (
  const [how, first, second] of [
    ["Slurm counts", { SLURM_JOB_ID: "7" }, { SLURM_JOB_ID: "7", SLURM_RESTART_COUNT: "1" }],
    ["LSF says", { LSB_JOBID: "7" }, { LSB_JOBID: "7", LSB_RESTART: "y" }],
    ["its script says", { PBS_JOBID: "7", RUNNER_START: "1.5" }, { PBS_JOBID: "7", RUNNER_START: "9.5" }],
  ] as const
) {
  Deno.test(`a job that its queue starts again, as ${how}, is taken again, once`, async () => {
    using folder = tempFolder();
    assertEquals(await takenIn(first, folder.path), undefined);
    assertMatch((await takenIn(first, folder.path))!, TAKEN);
    assertEquals(await takenIn(second, folder.path), undefined);
    assertMatch((await takenIn(second, folder.path))!, TAKEN);
    closeJob(folder.path);
    assertMatch((await takenIn({ ...second, SLURM_RESTART_COUNT: "2" }, folder.path))!, /nobody waits/);
  });
}

Deno.test("of all processes of a step, or of an allocation, one has the job", async () => {
  using folder = tempFolder();
  const step = { SLURM_JOB_ID: "7", SLURM_STEP_ID: "2" };
  assertEquals(await takenIn({ ...step, SLURM_PROCID: "1" }, folder.path), undefined);
  for (const rank of ["0", "2"]) {
    const refused = await takeClaim(folder.path, (name) => ({ ...step, SLURM_PROCID: rank })[name]);
    assert(refused!.sibling);
    assertMatch(refused!.why, /has nothing to do: process \d+ on host/);
  }
  const other = { ...step, SLURM_STEP_ID: "3", SLURM_PROCID: "0" };
  assertEquals(
    (await takeClaim(folder.path, (name) => (other as Record<string, string>)[name]))!.sibling,
    false,
  );
});

Deno.test("a job of a queue is taken again when the process that had it is gone, unless it had run it to its end", async () => {
  using folder = tempFolder();
  const env = { PBS_JOBID: "12" };
  assertEquals(await takenIn(env, folder.path), undefined);
  loseClaimer(folder.path);
  assertMatch((await takenIn({}, folder.path))!, TAKEN);
  assertEquals(await takenIn(env, folder.path), undefined);
  loseClaimer(folder.path);
  markOver(folder.path);
  assertMatch((await takenIn(env, folder.path))!, TAKEN);
});

Deno.test("a job whose process went down while it was taking it is not lost", async () => {
  using folder = tempFolder();
  fs.writeFileSync(`${folder.path}/claim`, "");
  assert(!revoke(folder.path), "somebody may have it");
  assertMatch((await takenIn({}, folder.path))!, /process \? on host \?/);
  assertEquals(await takenIn({ PBS_JOBID: "12" }, folder.path), undefined);
  assert(hasBegun(folder.path));
});

Deno.test("parts of a message hold what their items hold", () => {
  const items = fc.array(fc.uint8Array({ maxLength: 5 }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(items, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (values, kept) => {
    let used = 0;
    const message: EndedMessage = {
      kind: "ended",
      batch: 1,
      items: values.map((_, item) => item),
      millis: values.map((_, item) => item * 2),
      digests: values.map((_, item) => `d${item}`),
      stamps: values.map(() => undefined),
      bytes: Uint8Array.from(values.flatMap((bytes) => [...bytes])),
      ends: values.map((bytes) => used += bytes.length),
      special: values.flatMap((_, item) => item % 2 === 0 ? [[item, { skipped: `s${item}` }] as const] : []),
      last: true,
    };
    const positions = positionsWhere(message, (item) => kept[item]!);
    const part = partOf(message, positions, 2, (item) => item + 100);
    assertEquals(part.items, positions.map((position) => position + 100));
    positions.forEach((position, index) => {
      const start = index === 0 ? 0 : part.ends[index - 1]!;
      assertEquals([...part.bytes.subarray(start, part.ends[index])], [...values[position]!]);
      assertEquals([part.millis[index], part.digests[index]], [position * 2, `d${position}`]);
      assertEquals(
        new Map(part.special).get(index)?.skipped,
        position % 2 === 0 ? `s${position}` : undefined,
      );
    });
  }));
});

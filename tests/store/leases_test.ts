/** Limits that processes share: never more than there are slots, and nothing is held by the dead for long. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { leaseHolders, PERIOD } from "../../src/store/holders.ts";
import { endFile, type Leases, openLeases } from "../../src/store/leases.ts";
import { makeSlot, readSlot, removeSlot, type Slot } from "../../src/store/slot_file.ts";
import { start } from "../support/program.ts";
import { tempFolder } from "../support/temp.ts";

const NO_PROC = !fs.existsSync("/proc/self/stat");
const PROC = NO_PROC ? " (there is no /proc here: run it on Linux)" : "";
const PROGRAM = new URL("./lease_program.ts", import.meta.url).href;

/** Writes the file of a slot anew, with other facts. */
function rewrite(file: string, facts: Partial<Slot>): void {
  const [line, ...rest] = fs.readFileSync(file, "utf8").split("\n");
  fs.writeFileSync(file, [JSON.stringify({ ...JSON.parse(line!), ...facts }), ...rest].join("\n"));
}

/** A process on a host of its own, with a clock that is moved by hand. */
class Party {
  lost: string[] = [];
  /** The calls whose jobs go on, of whichever run; and the slots that were waited for. */
  readonly jobs = new Set<string>();
  readonly left: string[] = [];
  readonly leases: Leases;
  private timers: (() => void)[] = [];

  constructor(folder: string, host: string, readonly clock: { now: number }, pid = process.pid) {
    this.leases = openLeases({
      folder,
      owner: { host, pid, run: `run on ${host}` },
      now: () => clock.now,
      after: (_, callback) => {
        this.timers.push(callback);
        return () => this.timers = this.timers.filter((one) => one !== callback);
      },
      lost: (name) => this.lost.push(name),
      left: ({ name, slot, run }) => this.left.push(`${name} ${slot} ${run}`),
      jobs: {
        goesOn: ({ key }) => this.jobs.has(key),
        takeOver: ({ key }, { items }) => items.find(([one]) => one === key)?.[0],
      },
    });
  }

  /** Its timer rings. */
  ring(): void {
    for (const timer of this.timers.splice(0)) timer();
  }
}

Deno.test("as many as there are slots, and one more when one is given back", () => {
  using folder = tempFolder();
  const clock = { now: 1_000 };
  const [a, b] = [new Party(folder.path, "a", clock), new Party(folder.path, "b", clock)];
  const first = a.leases.take("gpu", 2, "one");
  const second = b.leases.take("gpu", 2, "two");
  assert(first !== undefined && second !== undefined);
  assertEquals([a.leases.take("gpu", 2, "three"), b.leases.take("gpu", 2, "three")], [undefined, undefined]);
  assert(a.leases.take("other/name", 1, "x") !== undefined, "other limits are others");
  first?.release();
  first?.release();
  assert(b.leases.take("gpu", 2, "three") !== undefined);
  assertEquals(a.leases.take("gpu", 2, "four"), undefined);
  b.leases.close();
  assert(a.leases.take("gpu", 2, "four") !== undefined);
});

Deno.test("who holds what can be seen", () => {
  using folder = tempFolder();
  const here = new Party(folder.path, os.hostname(), { now: 7_000 });
  here.leases.take("licence", 3, "train({ n: 1 })");
  const [holder, ...more] = leaseHolders(folder.path, os.hostname());
  assertEquals(more, []);
  const { name, slot, run, who, since, alive } = holder!;
  assertEquals([name, slot, run, who, since, alive], [
    "licence",
    0,
    `run on ${os.hostname()}`,
    "train({ n: 1 })",
    7_000,
    true,
  ]);
});

Deno.test("on another host: what is not renewed for two periods is free, what is renewed is not", () => {
  using folder = tempFolder();
  const clock = { now: Date.now() };
  const [a, b] = [new Party(folder.path, "a", clock), new Party(folder.path, "b", clock)];
  a.leases.take("gpu", 1, "long");
  for (let round = 0; round < 4; round++) {
    assertEquals(b.leases.take("gpu", 1, "next"), undefined);
    clock.now += PERIOD;
    a.ring();
  }
  assertEquals(b.leases.take("gpu", 1, "next"), undefined);
  clock.now += 2 * PERIOD - 1;
  assertEquals(b.leases.take("gpu", 1, "next"), undefined, "not quite yet");
  clock.now += 1;
  const taken = b.leases.take("gpu", 1, "next");
  assert(taken !== undefined);
  a.ring();
  assertEquals(a.lost, ["gpu"], "whoever comes back late is told that it was taken");
  a.leases.close();
  assertEquals(leaseHolders(folder.path, "a").map(({ who }) => who), ["next"]);
});

Deno.test("on another host: what is old by the clock of the file system is free at once", () => {
  using folder = tempFolder();
  const a = new Party(folder.path, "a", { now: 1_000 });
  a.leases.take("gpu", 1, "long ago");
  const file = `${folder.path}/gpu/0`;
  const last = fs.statSync(file).mtimeMs / 1_000;
  // The clocks of the hosts differ by years, and that does not matter.
  const b = new Party(folder.path, "b", { now: 7e12 });
  assertEquals(b.leases.take("gpu", 1, "next"), undefined);
  assertEquals(leaseHolders(folder.path, "b").map(({ alive }) => alive), [true]);
  const c = new Party(folder.path, "c", { now: 3 });
  fs.utimesSync(file, last, last - 3 * PERIOD / 1_000);
  assertEquals(leaseHolders(folder.path, "b").map(({ alive }) => alive), [false]);
  assert(c.leases.take("gpu", 1, "next") !== undefined);
});

Deno.test("on another host: one that is renewed by a clock that stands still is renewed", () => {
  using folder = tempFolder();
  const a = new Party(folder.path, "a", { now: 1_000 });
  a.leases.take("gpu", 1, "long");
  const clock = { now: 0 };
  const b = new Party(folder.path, "b", clock);
  for (let round = 0; round < 5; round++) {
    assertEquals(b.leases.take("gpu", 1, "next"), undefined);
    clock.now += 2 * PERIOD;
    a.ring();
  }
  assertEquals(a.lost, []);
});

Deno.test({
  name: `on the same host a process that lives keeps what it holds, however long it was stopped${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using folder = tempFolder();
    const clock = { now: 1_000 };
    const [a, b] = [
      new Party(folder.path, os.hostname(), clock),
      new Party(folder.path, os.hostname(), clock),
    ];
    a.leases.take("gpu", 1, "busy");
    assertEquals(b.leases.take("gpu", 1, "next"), undefined);
    clock.now += 100 * PERIOD;
    fs.utimesSync(`${folder.path}/gpu/0`, 1, 1);
    assertEquals([a, b].map(({ leases }) => leases.take("gpu", 1, "next")), [undefined, undefined]);
  },
});

Deno.test("a number of a process says nothing where it means another process", () => {
  using folder = tempFolder();
  const clock = { now: 1_000 };
  const a = new Party(folder.path, os.hostname(), clock);
  a.leases.take("gpu", 1, "x");
  // As from a container with this host's name, in which that process has ended or has never been.
  rewrite(`${folder.path}/gpu/0`, { space: "another", pid: 0x7fffffff });
  const b = new Party(folder.path, os.hostname(), clock);
  assertEquals(b.leases.take("gpu", 1, "next"), undefined);
  clock.now += 2 * PERIOD;
  assert(b.leases.take("gpu", 1, "next") !== undefined);
});

Deno.test({
  name: `another process with the same number is another${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using folder = tempFolder();
    const a = new Party(folder.path, os.hostname(), { now: 1_000 });
    a.leases.take("gpu", 1, "x");
    rewrite(`${folder.path}/gpu/0`, { process: "1" });
    assertEquals(leaseHolders(folder.path, os.hostname()).map(({ alive }) => alive), [false]);
    const b = new Party(folder.path, os.hostname(), { now: 1_000 });
    assert(b.leases.take("gpu", 1, "next") !== undefined);
    a.ring();
    assertEquals(a.lost, ["gpu"]);
  },
});

/** What is sent elsewhere for calls with these keys. */
const sending = (...keys: readonly string[]) => ({
  label: "far",
  backend: "prefix",
  items: keys.map((key) => [key, "v"] as const),
});

/** A process that has died, with slots that it held for jobs; and a folder where it did. */
function deadWith(folder: string, keys: readonly string[], slots = keys.length): Party {
  const dead = new Party(folder, os.hostname(), { now: 1_000 });
  for (const key of keys) assert(dead.leases.take("gpu", slots, `call ${key}`, sending(key)));
  keys.forEach((_, slot) => rewrite(`${folder}/gpu/${slot}`, { process: "1" }));
  return dead;
}

Deno.test({
  name: `what the dead held for a job stays taken while the job goes on${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using folder = tempFolder();
    deadWith(folder.path, ["a", "b"]);
    const next = new Party(folder.path, os.hostname(), { now: 1_000 });
    next.jobs.add("a").add("b");
    assertEquals(next.leases.take("gpu", 2, "next"), undefined);
    assertEquals(next.leases.take("gpu", 2, "next", sending("c")), undefined);
    const told = ["gpu 0", "gpu 1"].map((slot) => `${slot} run on ${os.hostname()}`);
    assertEquals(next.left, [...told, ...told]);
    assertEquals(leaseHolders(folder.path, os.hostname()).map(({ alive, who }) => [alive, who]), [
      [false, "call a"],
      [false, "call b"],
    ]);
    assert(next.leases.take("gpu", 3, "another") !== undefined, "where there is room it does not matter");
    next.jobs.delete("b");
    assert(next.leases.take("gpu", 2, "next") !== undefined);
    assertEquals(leaseHolders(folder.path, os.hostname()).map(({ who }) => who), [
      "call a",
      "next",
      "another",
    ]);
  },
});

Deno.test({
  name:
    `whoever takes a job over takes its slot over, once; it is left to the job when nothing comes of it${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using folder = tempFolder();
    deadWith(folder.path, ["a"]);
    const who = () => leaseHolders(folder.path, os.hostname()).map(({ alive, who }) => [alive, who]);
    const [one, two] = [1, 2].map(() => new Party(folder.path, os.hostname(), { now: 1_000 }));
    for (const party of [one!, two!]) party.jobs.add("a");
    const lease = one!.leases.take("gpu", 1, "one", sending("x", "a"));
    assert(lease !== undefined);
    assertEquals(who(), [[true, "one"]]);
    assertEquals(two!.leases.take("gpu", 1, "two", sending("a")), undefined);
    assertEquals(two!.left, []);
    // It knows the job still by the run that had sent it out.
    const { slot: { job } } = readSlot(`${folder.path}/gpu/0`)!;
    assertEquals(job, { run: `run on ${os.hostname()}`, key: "a" });
    lease!.giveUp();
    assertEquals(who(), [[false, "call a"]]);
    assertEquals(two!.leases.take("gpu", 1, "two"), undefined);
    one!.ring();
    assertEquals(one!.lost, []);
    const again = two!.leases.take("gpu", 1, "two", sending("a"));
    assertEquals(who(), [[true, "two"]]);
    again!.release();
    assertEquals([who(), fs.readdirSync(`${folder.path}/gpu`)], [[], []]);
    one!.leases.take("gpu", 1, "own", sending("b"))!.giveUp();
    assertEquals(fs.readdirSync(`${folder.path}/gpu`), []);
  },
});

Deno.test({
  name: `a dead holder of another host is known by its pulse, and its job by how long that is ago${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using folder = tempFolder();
    new Party(folder.path, "a", { now: 1_000 }).leases.take("gpu", 1, "x", sending("a"));
    const file = `${folder.path}/gpu/0`;
    const ages: number[] = [];
    const clock = { now: 1_000 };
    const here = openLeases({
      folder: folder.path,
      owner: { host: "b", pid: process.pid, run: "b" },
      now: () => clock.now,
      after: () => () => {},
      jobs: {
        goesOn: (_, age) => ages.push(Math.round(age() / PERIOD)) < 3,
        takeOver: () => undefined,
      },
    });
    assertEquals(
      [here.take("gpu", 1, "next"), ages],
      [undefined, []],
      "as long as the holder lives nobody asks",
    );
    const { mtimeMs } = fs.statSync(file);
    clock.now += 2 * PERIOD;
    for (const periods of [3, 100]) {
      fs.utimesSync(file, mtimeMs / 1_000, (mtimeMs - periods * PERIOD) / 1_000);
      assertEquals(here.take("gpu", 1, "next"), undefined);
    }
    assert(here.take("gpu", 1, "next") !== undefined);
    assertEquals(ages, [3, 100, 100]);
    here.close();
  },
});

Deno.test("what is no lease any more is lost; what cannot be read just now is not", () => {
  using folder = tempFolder();
  const a = new Party(folder.path, os.hostname(), { now: 1_000 });
  const [one, two] = [a.leases.take("one", 1, "x"), a.leases.take("two", 1, "x")];
  fs.rmSync(`${folder.path}/one/0`);
  fs.renameSync(`${folder.path}/two/0`, `${folder.path}/two/away`);
  fs.mkdirSync(`${folder.path}/two/0`);
  a.ring();
  assertEquals(a.lost, ["one"]);
  two!.release();
  fs.rmdirSync(`${folder.path}/two/0`);
  fs.renameSync(`${folder.path}/two/away`, `${folder.path}/two/0`);
  assertEquals(a.leases.take("two", 1, "x"), undefined, "it could not be given back yet");
  a.ring();
  assert(a.leases.take("two", 1, "x") !== undefined);
  one!.release();
  assertEquals(a.lost, ["one"]);
});

Deno.test({
  name:
    `only one of those who want to end a lease may, and it falls to the next when he has died over it${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using folder = tempFolder();
    const clock = { now: 1_000 };
    const file = `${folder.path}/gpu/0`;
    const [a, b] = [new Party(folder.path, "a", clock), new Party(folder.path, os.hostname(), clock)];
    const lease = a.leases.take("gpu", 1, "x");
    const { slot } = readSlot(file)!;
    // Somebody is at it who lives.
    b.leases.take("other", 1, "y");
    const { slot: living } = readSlot(`${folder.path}/other/0`)!;
    const right = endFile(file, slot);
    makeSlot(right, living);
    fs.utimesSync(file, 1, 1);
    assertEquals(b.leases.take("gpu", 1, "next"), undefined);
    lease!.release();
    assertEquals(readSlot(file)?.slot.mark, slot.mark, "nor may the holder any more");
    rewrite(right, { process: "1" });
    assert(b.leases.take("gpu", 1, "next") !== undefined);
    assertEquals(fs.readdirSync(`${folder.path}/gpu`), ["0"]);
    a.ring();
    assertEquals([a.lost, readSlot(file)?.slot.who], [[], "next"]);
  },
});

Deno.test("a lease that is renewed while somebody is about to take it stays", () => {
  using folder = tempFolder();
  const clock = { now: 1_000 };
  const [a, b] = [new Party(folder.path, "a", clock), new Party(folder.path, "b", clock)];
  a.leases.take("gpu", 1, "x");
  assertEquals(b.leases.take("gpu", 1, "next"), undefined);
  clock.now += 2 * PERIOD;
  // It happens between two looks at the same file.
  const { openSync } = fs;
  let looks = 0;
  fs.openSync = (...words: Parameters<typeof openSync>) => {
    if (words[0] === `${folder.path}/gpu/0` && words[1] === "r" && ++looks === 2) a.ring();
    return openSync(...words);
  };
  try {
    assertEquals(b.leases.take("gpu", 1, "next"), undefined);
  } finally {
    fs.openSync = openSync;
  }
  assert(looks >= 2);
  a.ring();
  assertEquals(a.lost, []);
});

Deno.test("nobody takes his own lease for one that was left behind", () => {
  using folder = tempFolder();
  const clock = { now: 1_000 };
  const a = new Party(folder.path, "a", clock, 0x7fffffff);
  a.leases.take("gpu", 1, "x");
  assertEquals(a.leases.take("gpu", 1, "x"), undefined);
});

Deno.test("what was moved by mistake is put back, unless there is a newer one", () => {
  using folder = tempFolder();
  const a = new Party(folder.path, "a", { now: 1_000 });
  a.leases.take("gpu", 1, "x");
  const file = `${folder.path}/gpu/0`;
  const { slot } = readSlot(file)!;
  assertEquals(removeSlot(file, "another"), false);
  assertEquals(readSlot(file)?.slot, slot);
  const { openSync } = fs;
  let looks = 0;
  fs.openSync = (...words: Parameters<typeof openSync>) => {
    if (looks++ === 0) makeSlot(file, { ...slot, mark: "newer" });
    return openSync(...words);
  };
  try {
    assertEquals(removeSlot(file, "another"), false);
  } finally {
    fs.openSync = openSync;
  }
  assertEquals(readSlot(file)?.slot.mark, "newer");
  assertEquals([removeSlot(file, "newer"), makeSlot(file, slot)], [true, true]);
  assertEquals([removeSlot(file, slot.mark), removeSlot(file, slot.mark)], [true, false]);
  assertEquals(fs.readdirSync(`${folder.path}/gpu`), []);
});

Deno.test({
  name: `what was left by processes that died in the midst of something is cleared away${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using folder = tempFolder();
    const a = new Party(folder.path, os.hostname(), { now: 1_000 });
    a.leases.take("gpu", 1, "x");
    const file = `${folder.path}/gpu/0`;
    const text = fs.readFileSync(file, "utf8");
    for (const name of ["0.new-1", "0.gone-2", "0.lease-3.end"]) {
      fs.writeFileSync(`${folder.path}/gpu/${name}`, text);
    }
    fs.writeFileSync(`${folder.path}/gpu/0.time-4`, "");
    const look = () => {
      new Party(folder.path, os.hostname(), { now: 1_000 }).leases.take("gpu", 1, "x");
      return fs.readdirSync(`${folder.path}/gpu`).sort();
    };
    assertEquals(look().length, 5, "all of it may be in use");
    for (const name of ["0.new-1", "0.gone-2", "0.lease-3.end"]) {
      rewrite(`${folder.path}/gpu/${name}`, { process: "1" });
    }
    fs.utimesSync(`${folder.path}/gpu/0.time-4`, 1, 1);
    assertEquals(look(), ["0"]);
  },
});

Deno.test("a slot that is no lease is nobody's for long", () => {
  const facts = {
    name: "gpu",
    slot: 0,
    host: "b",
    space: "",
    pid: 1,
    process: "",
    run: "",
    who: "",
    since: 0,
  };
  for (const text of ["half a le", "", "null", "{}", JSON.stringify({ ...facts, mark: "../../x" })]) {
    using folder = tempFolder();
    const clock = { now: 1_000 };
    const here = new Party(folder.path, "a", clock);
    fs.mkdirSync(`${folder.path}/gpu`);
    fs.writeFileSync(`${folder.path}/gpu/0`, text);
    assertEquals(here.leases.take("gpu", 1, "x"), undefined);
    assertEquals(leaseHolders(folder.path, "a").map(({ who }) => who), ["?"]);
    clock.now += 2 * PERIOD;
    assert(here.leases.take("gpu", 1, "x") !== undefined);
  }
});

Deno.test("six processes at three slots: never more than three hold one", async () => {
  using folder = tempFolder();
  const proof = `${folder.path}/proof`;
  fs.mkdirSync(proof);
  const programs = Array.from(
    { length: 6 },
    () => start(PROGRAM, [`${folder.path}/leases`, proof, "3", "300", "give back"]).ended,
  );
  for (const { code, stderr } of await Promise.all(programs)) assertEquals([code, stderr], [0, ""]);
  assertEquals(leaseHolders(`${folder.path}/leases`, os.hostname()), []);
  assertEquals(fs.readdirSync(`${folder.path}/leases/licence`), []);
});

Deno.test("six processes at one slot, each of which dies with it: the others go on, one at a time", async () => {
  using folder = tempFolder();
  const proof = `${folder.path}/proof`;
  fs.mkdirSync(proof);
  const programs = Array.from(
    { length: 6 },
    () => start(PROGRAM, [`${folder.path}/leases`, proof, "1", "200", "die"]).ended,
  );
  for (const { code, stderr } of await Promise.all(programs)) assertEquals([code, stderr], [137, ""]);
  assertEquals(leaseHolders(`${folder.path}/leases`, os.hostname()).map(({ who, alive }) => [who, alive]), [
    ["round 200", false],
  ]);
});

Deno.test("what a process held that was killed is free at once", async () => {
  using folder = tempFolder();
  const leases = `${folder.path}/leases`;
  const holder = start(PROGRAM, [leases, folder.path, "1", "1", "keep"]);
  await holder.lines(1);
  const here = new Party(leases, os.hostname(), { now: Date.now() });
  assertEquals(here.leases.take("licence", 1, "next"), undefined);
  assertEquals(leaseHolders(leases, os.hostname()).map(({ alive }) => alive), [true]);
  holder.kill("SIGKILL");
  await holder.ended;
  assertEquals(leaseHolders(leases, os.hostname()).map(({ alive }) => alive), [false]);
  assert(here.leases.take("licence", 1, "next") !== undefined);
});

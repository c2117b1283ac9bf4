/** Limits that processes share: never more than there are slots, and nothing is held by the dead for long. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { leaseHolders, type Leases, openLeases, PERIOD } from "../../src/store/leases.ts";
import { start } from "../support/program.ts";
import { tempFolder } from "../support/temp.ts";

const PROGRAM = new URL("./lease_program.ts", import.meta.url).href;

/** A process on a host of its own, with a clock that is moved by hand. */
class Party {
  lost: string[] = [];
  readonly leases: Leases;
  private timers: (() => void)[] = [];

  constructor(folder: string, host: string, readonly clock: { now: number }) {
    this.leases = openLeases({
      folder,
      owner: { host, pid: process.pid, run: `run on ${host}` },
      now: () => clock.now,
      after: (_, callback) => {
        this.timers.push(callback);
        return () => this.timers = this.timers.filter((one) => one !== callback);
      },
      lost: (name) => this.lost.push(name),
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

Deno.test("a slot that is no lease is nobody's for long", () => {
  using folder = tempFolder();
  const clock = { now: 1_000 };
  const here = new Party(folder.path, "a", clock);
  fs.mkdirSync(`${folder.path}/gpu`);
  fs.writeFileSync(`${folder.path}/gpu/0`, "half a le");
  assertEquals(here.leases.take("gpu", 1, "x"), undefined);
  clock.now += 2 * PERIOD;
  assert(here.leases.take("gpu", 1, "x") !== undefined);
});

Deno.test("six processes at three slots: never more than three hold one", async () => {
  using folder = tempFolder();
  const proof = `${folder.path}/proof`;
  fs.mkdirSync(proof);
  const programs = Array.from(
    { length: 6 },
    () => start(PROGRAM, [`${folder.path}/leases`, proof, "3", "40"]).ended,
  );
  const most = (await Promise.all(programs)).map(({ stdout, stderr }) => {
    assertEquals(stderr, "");
    return Number(stdout);
  });
  assert(Math.max(...most) <= 3, `at most ${Math.max(...most)}`);
  assertEquals(leaseHolders(`${folder.path}/leases`, os.hostname()), []);
});

Deno.test("what a process held that was killed is free at once", async () => {
  using folder = tempFolder();
  const leases = `${folder.path}/leases`;
  const holder = start(PROGRAM, [leases, folder.path, "1", "0"]);
  await holder.lines(1);
  const here = new Party(leases, os.hostname(), { now: Date.now() });
  assertEquals(here.leases.take("licence", 1, "next"), undefined);
  assertEquals(leaseHolders(leases, os.hostname()).map(({ alive }) => alive), [true]);
  holder.kill("SIGKILL");
  await holder.ended;
  assertEquals(leaseHolders(leases, os.hostname()).map(({ alive }) => alive), [false]);
  assert(here.leases.take("licence", 1, "next") !== undefined);
});

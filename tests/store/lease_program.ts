/**
 * Takes slots of a limit again and again, and proves that never more than so many processes hold one; at the end it gives the last
 * one back, or keeps it until it is killed, or is killed by itself in the midst of holding it.
 */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { openLeases } from "../../src/store/leases.ts";

const [folder, proof, slots, rounds, last] = Deno.args as [string, string, string, string, string];
const leases = openLeases({
  folder,
  owner: { host: os.hostname(), pid: process.pid, run: `run of ${process.pid}` },
  after: () => () => {},
  now: Date.now,
});

/** A place of its own for each of those who may hold a slot at once: whoever finds none proves that there are too many. */
function enter(): string {
  for (let place = 0; place < Number(slots); place++) {
    try {
      fs.writeFileSync(`${proof}/${place}`, "", { flag: "wx" });
      return `${proof}/${place}`;
    } catch { /* Somebody is there. */ }
  }
  throw new Error(`more than ${slots} hold a slot`);
}

for (let round = 1; round <= Number(rounds);) {
  const lease = leases.take("licence", Number(slots), `round ${round}`);
  if (lease === undefined) continue;
  fs.rmSync(enter());
  if (round === Number(rounds) && last === "die") process.kill(process.pid, "SIGKILL");
  if (round < Number(rounds) || last === "give back") lease.release();
  round++;
}
// deno-lint-ignore no-console -- what it prints is what the test reads
console.log("done");
if (last === "keep") setInterval(() => {}, 60_000);

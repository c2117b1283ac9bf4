/** Takes slots of a limit again and again, and proves that never more than so many processes hold one; or takes one and keeps it. */
import fs from "node:fs";
import os from "node:os";
import { openLeases } from "../../src/store/leases.ts";

const [folder, proof, slots, rounds] = Deno.args as [string, string, string, string];
const leases = openLeases({
  folder,
  owner: { host: os.hostname(), pid: Deno.pid, run: `run of ${Deno.pid}` },
  after: () => () => {},
  now: Date.now,
});
let most = 0;
for (let done = 0; done < Number(rounds);) {
  const lease = leases.take("licence", Number(slots), "a test");
  if (lease === undefined) continue;
  const mine = `${proof}/${Deno.pid}`;
  fs.writeFileSync(mine, "");
  most = Math.max(most, fs.readdirSync(proof).length);
  fs.rmSync(mine);
  lease.release();
  done++;
}
if (rounds === "0") {
  leases.take("licence", Number(slots), "a test");
  setInterval(() => {}, 60_000);
}
// deno-lint-ignore no-console -- what it prints is what the test reads
console.log(most);

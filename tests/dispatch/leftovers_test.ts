/** Ending what a run that is no more has left on a queue: also one that does not answer. */
import { assertEquals, assertMatch } from "@std/assert";
import fs from "node:fs";
import { generic } from "../../src/dispatch/generic/rule.ts";
import { slurm } from "../../src/dispatch/slurm/rule.ts";
import { claimOf } from "../../src/execute/jobs/claim.ts";
import { Journal } from "../../src/execute/jobs/journal.ts";
import { type Ended, endJobs } from "../../src/wire/leftovers.ts";
import { tempFolder } from "../support/temp.ts";
import { HandClock, StandIns } from "./stand_in.ts";

const RULES = {
  ours: generic({ submit: "put {script}", status: "ask", cancel: ["end", "-f"] }),
  cluster: slurm(),
};

/** Ends two jobs of a label; gives what came of it, what was told, and when. */
async function ending(
  label: keyof typeof RULES,
  meanwhile: (told: readonly string[]) => void = () => {},
): Promise<Ended & { readonly told: readonly string[]; readonly millis: number; readonly gone: boolean }> {
  using temp = tempFolder();
  const clock = new HandClock();
  const told: string[] = [];
  const folder = `${temp.path}/run`;
  fs.mkdirSync(folder);
  const journal = new Journal(folder);
  journal.open();
  for (const number of [0, 1]) {
    const own = `${folder}/${number}`;
    fs.mkdirSync(own);
    const items = [[`k${number}`, "v", 1]] as const;
    const rule = RULES[label];
    const { backend } = rule;
    journal.job({
      number,
      name: `j${number}`,
      folder: own,
      outbox: "",
      backend,
      label,
      rule,
      items,
      call: "",
    });
    journal.id(number, `1${number}`);
  }
  journal.close();
  let result: Ended | undefined;
  const tell = (message: string) => {
    told.push(message);
    meanwhile(told);
  };
  void endJobs("run", folder, temp.path, { tell, after: clock.after }).then((ended) => result = ended);
  await clock.until("the end", () => result !== undefined);
  const claims = result!.ended.map((job) => claimOf(job.folder)?.by ?? "revoke");
  assertEquals(claims, result!.ended.map(() => "revoke"));
  return { ...result!, told, millis: clock.now, gone: !fs.existsSync(folder) };
}

Deno.test("what a run has left on a queue is ended, and forgotten", async () => {
  using commands = new StandIns(["put", "ask", "end"]);
  commands.reply("ask", { stdout: "10 running\n11 running\n" }, 1);
  const { ended, left, told, gone } = await ending("ours");
  assertEquals([ended.map(({ id }) => id), left, told, gone], [["10", "11"], [], [], true]);
  assertEquals(commands.calls("end"), [["-f", "10", "11"]]);
});

Deno.test("a queue that does not answer is told of at once, and not waited for for ever", async () => {
  using commands = new StandIns(["put", "ask", "end"]);
  for (const name of ["ask", "end"]) commands.reply(name, { code: 1, stderr: "no controller" });
  const { ended, left, told, millis, gone } = await ending("ours");
  assertEquals([ended, left, gone], [[], [{
    text: "2 jobs of label ours (generic): 10, 11",
    command: "end -f 10 11",
  }], false]);
  assertMatch(told[0]!, /^end ended with exit code 1 on host .*: no controller/);
  assertMatch(told.join("\n"), /waiting up to 60 s for the end of 2 jobs of label ours \(generic\): 10, 11/);
  assertEquals(millis, 60_000);
});

Deno.test("of a Slurm that is not there, the command to try by hand is told", async () => {
  using commands = new StandIns(["squeue", "sacct", "scancel"]);
  const lost = { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller" };
  for (const name of ["squeue", "sacct", "scancel"]) commands.reply(name, lost);
  const { left } = await ending("cluster");
  assertEquals(left.map(({ command }) => command), ["scancel 10 11"]);
});

Deno.test("a queue that answers again before time is up has ended the jobs", async () => {
  using commands = new StandIns(["put", "ask", "end"]);
  commands.reply("ask", { code: 1, stderr: "no controller" });
  const { ended, left } = await ending("ours", (told) => {
    if (told.some((line) => line.startsWith("waiting"))) commands.reply("ask", { stdout: "" });
  });
  assertEquals([ended.length, left], [2, []]);
});

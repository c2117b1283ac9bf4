/** `runner doctor`: what is found on hosts that have this and that; LSF itself cannot be had, its commands stand in. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { Place } from "./support.ts";

/** A host with these programs, and nothing else but Deno: name and script. */
function host(
  programs: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Place {
  const place = new Place({
    ...files,
    ...Object.fromEntries(
      Object.entries(programs).map(([name, script]) => [`bin/${name}`, `#!/bin/sh\n${script}\n`]),
    ),
  });
  for (const name of Object.keys(programs)) fs.chmodSync(`${place.path}/bin/${name}`, 0o755);
  return place;
}

const LSF = { bsub: 'echo "IBM Spectrum LSF 10.1.0.13" >&2', bjobs: "", bkill: "" };

async function doctor(place: Place, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await place.start(["doctor", ...args], {
    env: { PATH: `${place.path}/bin`, LSF_ENVDIR: "/nowhere", ...env },
  }).ended;
  return { code, out: place.plain(stdout), err: stderr };
}

Deno.test("LSF: the unit of memory limits, and who says so", async () => {
  using bare = host(LSF, { "conf/lsf.conf": "LSF_UNIT_FOR_LIMITS=GB\n" });
  const lines = (unit: string, from: string) =>
    `✓  lsf  IBM Spectrum LSF 10.1.0.13\n        memory limits are told in ${unit} (${from}), for each job\n`;
  const nobody = "LSF's default, since neither lsf.conf nor badmin names LSF_UNIT_FOR_LIMITS";
  assertEquals(await doctor(bare, ["lsf"]), { code: 0, out: lines("KB", nobody), err: "" });
  const configured = { LSF_ENVDIR: `${bare.path}/conf` };
  assertEquals((await doctor(bare, ["lsf"], configured)).out, lines("GB", "<here>/conf/lsf.conf"));
  using told = host({ ...LSF, badmin: 'echo "  LSF_UNIT_FOR_LIMITS = MB"' });
  assertEquals((await doctor(told, ["lsf"])).out, lines("MB", "badmin showconf mbd"));
  using refused = host({ ...LSF, badmin: "echo no; exit 1" });
  assertEquals((await doctor(refused, ["lsf"])).out, lines("KB", nobody));
});

Deno.test("what is not there is told, and is an error where it was named", async () => {
  using place = host(LSF);
  const absent = (name: string, command: string) =>
    `✗  ${name}  there is no command "${command}" on host ${Deno.hostname()}\n`;
  assertEquals(await doctor(place, ["slurm"]), { code: 3, out: absent("slurm", "sbatch"), err: "" });
  const all = await doctor(place, ["--json"]);
  const found = all.out.trim().split("\n").map((line) =>
    JSON.parse(line) as { name: string; works: boolean }
  );
  assertEquals([all.code, found.filter(({ works }) => works).map(({ name }) => name)], [
    0,
    ["lsf", "sandbox"],
  ]);
  assertEquals(found.length, 6);
  const wrong = await doctor(place, ["slrum"]);
  assertEquals([wrong.code, wrong.err], [
    2,
    'error: doctor knows nothing of "slrum"; did you mean "slurm"?\n',
  ]);
});

Deno.test("the rules of a pipeline, by label", async () => {
  using place = host(LSF, {
    "p.ts": `import { lsf, slurm } from "runner";
export const settings = {
  dispatch: { big: lsf({ perSlot: true }), gpu: slurm({ partition: "gpu" }) },
  prefixes: { far: "bsub -I" },
};
`,
  });
  const { code, out } = await doctor(place, ["p.ts"]);
  assertEquals([code, out.split("\n").map((line) => line.slice(0, 50))], [3, [
    "✓  big (lsf)     nothing speaks against it",
    "                 memory limits are told in KB (LSF",
    '✗  gpu (slurm)   there is no command "sinfo" on ho',
    "✓  far (prefix)  nothing speaks against it",
    "",
  ]]);
  assertEquals(out.includes("for each slot"), true);

  using wrong = host(LSF, {
    "p.ts": `import { slurm } from "runner";
export const settings = { dispatch: { gpu: slurm({ partitoin: "gpu" } as never) } };
`,
    "held.ts": `import { task } from "runner";
export const held = task("held", { permissions: {}, run: () => 1 });
`,
  });
  assertEquals(await doctor(wrong, ["p.ts"]), {
    code: 2,
    out: "",
    err: 'error: the rule of label "gpu": slurm has no option "partitoin"; did you mean "partition"?\n',
  });
  const held = await doctor(wrong, ["held.ts"]);
  assertEquals(
    [held.code, held.out.startsWith("✓  held  tasks with permissions run in ")],
    [0, true],
    held.out,
  );
});

/** The commands that are really here are asked too, where there are any. */
const PODMAN = ["/usr/bin/podman", "/usr/local/bin/podman"].some((path) => fs.existsSync(path));
Deno.test({
  name: `podman${PODMAN ? "" : " (ignored: there is no podman: apt-get install podman)"}`,
  ignore: !PODMAN,
  fn: async () => {
    using place = new Place();
    const { code, out } = await doctor(place, ["podman"], { PATH: process.env["PATH"]! });
    assertEquals([code, /^✓ {2}podman {2}podman \d+\.\d+/.test(out)], [0, true], out);
  },
});

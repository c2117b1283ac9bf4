/** Fields in braces that rules of dispatch ask for: whatever is wrong with one is told before anything runs. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { Place } from "./support.ts";

const FIELDS = "task, call, key, key8, attempt, run, label, name, folder, cwd, log.out, log.err";

/** A pipeline whose tasks are sent by such a rule. */
const sentBy = (rule: string, options = "") =>
  `import { docker, generic, lsf, podman, slurm, ssh, task } from "runner";
export const train = task("train::[fold]", { labels: "far", ${options} run: ({ fold }) => fold });
export const settings = { dispatch: { far: ${rule} } };
`;

/** What a task declares in the list of fields, and where it stands. */
const rest = (place: Place) =>
  `and whatever train::[fold] declares in \`resources\`\n    at ${place.path}/p.ts:2:22\n`;

/** What commands say that look at where tasks would run; nothing may be written meanwhile. */
async function told(place: Place, target = "train::1"): Promise<string> {
  const texts: string[] = [];
  for (const words of [["run"], ["run", "--dry"], ["plan"]]) {
    const { code, stderr } = await place.runner(words[0]!, "p.ts", target, ...words.slice(1));
    texts.push(`${code} ${stderr}`);
  }
  assertEquals(new Set(texts).size, 1, texts.join("\n"));
  assertEquals(fs.existsSync(`${place.path}/.runner/runs`), false);
  return texts[0]!;
}

for (
  const [rule, setting, more] of [
    ['slurm({ args: ["--comment={nosuch}"] })', "slurm `args`", ""],
    ['lsf({ args: ["-Jd", "{nosuch}"] })', "lsf `args`", ""],
    ['docker({ image: "i", args: ["--label", "x={nosuch}"] })', "docker `args`", ""],
    ['podman({ image: "i", args: ["{nosuch}"] })', "podman `args`", ""],
    [
      'generic({ submit: "qsub -N {nosuch} {script}", status: "qstat", cancel: "qdel" })',
      "generic `submit`",
      "script, ",
    ],
  ] as const
) {
  Deno.test(`a field that is unknown: ${setting}`, async () => {
    using place = new Place({ "p.ts": sentBy(rule) });
    assertStringIncludes(
      await told(place),
      `the rule of label "far": ${setting} asks for {nosuch}, and there is no such field; there are ${FIELDS}, ${more}cpu, gpu, mem, time, input.<field>, ${
        rest(place)
      }`,
    );
  });
}

Deno.test("a field that is misspelt, that the input does not have, that the task does not declare: all at once", async () => {
  using place = new Place({
    "p.ts": sentBy('slurm({ args: ["--comment={cal}", "{input.fodl}{mem:g}{licence}{call}"] })'),
  });
  const text = await told(place);
  const asks = 'the rule of label "far": slurm `args` asks for';
  for (
    const says of [
      `2 error: `,
      `${asks} {cal}, and there is no such field; did you mean "call"? There are task, call, `,
      `${asks} {input.fodl}, but the input of train::[fold] has no field "fodl"; did you mean "fold"?`,
      `${asks} {mem:g}, but train::[fold] declares no \`resources.mem\`: say resources: { mem: "4g" }`,
      `${asks} {licence}, and there is no such field`,
    ]
  ) assertStringIncludes(text, says);
});

Deno.test("a brace that is not closed", async () => {
  using place = new Place({ "p.ts": sentBy('slurm({ args: ["--comment={call", ""] })') });
  assertStringIncludes(
    await told(place),
    'the rule of label "far": slurm `args`: a brace is not closed, in --comment={call; {{ stands for a brace',
  );
});

Deno.test("what is right is not refused: declared amounts, words of ssh, amounts that depend on values", async () => {
  const declared = 'resources: { mem: "1g", licence: 1 },';
  const args = '["--comment={call} {mem:g} {licence} {input.fold} {{}}"]';
  for (
    const [rule, options] of [
      [`slurm({ args: ${args} })`, declared],
      ['ssh({ host: "h", args: ["-o", "ProxyCommand=nc {nosuch}"] })', ""],
    ] as const
  ) {
    using place = new Place({ "p.ts": sentBy(rule, options) });
    const { code, stderr } = await place.runner("plan", "p.ts", "train::1");
    assertEquals([code, stderr], [0, ""]);
  }
  using place = new Place({
    "p.ts": `import { slurm, task } from "runner";
const size = task("size", () => 3);
const fit = task("fit", {
  labels: "far",
  resources: ({ input }) => ({ mem: (input as { n: number }).n + "g" }),
  run: ({ n }: { n: number }) => n,
});
export const main = fit({ n: size() });
export const settings = { dispatch: { far: slurm({ args: ["--comment={mem:g}"] }) }, prefixes: { x: "" } };
`,
  });
  const { code, stderr } = await place.runner("plan", "p.ts");
  assertEquals([code, stderr], [0, ""]);
});

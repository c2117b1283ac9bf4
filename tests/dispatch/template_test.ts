/** Templates: every field, every mistake, and values that could do harm. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fillTemplate, readTemplate, templateProblems } from "../../src/dispatch/template.ts";
import type { Job } from "../../src/model/job.ts";

const JOB: Job = {
  name: "runner-r1-4",
  folder: "/cache/~jobs/r1/4",
  command: ["runner", "exec", "x"],
  cwd: "/srv/app",
  fields: {
    task: "train::[fold]",
    call: "train::3",
    key: "0123456789abcdef",
    attempt: 2,
    run: "r1",
    label: "gpu",
    input: { fold: "3", rate: "0.1" },
  },
  resources: { cpu: 4, mem: 16 * 2 ** 30 + 1, time: 5_400_000, licence: 2, scratch: 1.5 * 2 ** 30 },
  size: 1,
};

const filled = (command: string | readonly string[], job = JOB) => fillTemplate(readTemplate(command), job);

Deno.test("each field", () => {
  const cases: Readonly<Record<string, string>> = {
    "{task}": "train::[fold]",
    "{key}": "0123456789abcdef",
    "{key8}": "01234567",
    "{call}": "train::3",
    "{attempt}": "2",
    "{run}": "r1",
    "{label}": "gpu",
    "{name}": "runner-r1-4",
    "{folder}": "/cache/~jobs/r1/4",
    "{cwd}": "/srv/app",
    "{log.out}": "/cache/~jobs/r1/4/out.txt",
    "{log.err}": "/cache/~jobs/r1/4/err.txt",
    "{cpu}": "4",
    "{gpu}": "0",
    "{mem}": "17179869185",
    "{mem:k}": "16777217",
    "{mem:m}": "16385",
    "{mem:g}": "17",
    "{time}": "01:30:00",
    "{time:s}": "5400",
    "{time:m}": "90",
    "{time:h}": "2",
    "{licence}": "2",
    "{scratch}": "1610612736",
    "{scratch:g}": "2",
    "{input.fold}": "3",
    "a{cpu}+{gpu}b": "a4+0b",
    "{{cpu}} {{": "{cpu} {",
  };
  for (const [word, value] of Object.entries(cases)) assertEquals(filled([word]), [value]);
  assertEquals(filled("jbsub -cores {cpu}+{gpu} -mem {mem:g}g '{task} of {run}'"), [
    "jbsub",
    "-cores",
    "4+0",
    "-mem",
    "17g",
    "train::[fold] of r1",
  ]);
});

Deno.test("mistakes in a template are told when it is read", () => {
  for (
    const [command, problem] of [
      ["", "there is no command"],
      ["a 'b", "a quote is not closed"],
      ["a {cpu", "a brace is not closed, in {cpu"],
      ["a cpu}", "a brace is closed that was not opened, in cpu}"],
      ["a {}", "{} is no field"],
      ["a {mem:x}", "{mem:x}: the unit of mem is k, m, g, as in {mem:g}"],
      ["a {cpu:g}", "{cpu:g}: cpu has no unit, write {cpu}"],
      ["a {task:g}", "{task:g}: task has no unit, write {task}"],
      ["a {input.x:g}", "{input.x:g}: input.x has no unit, write {input.x}"],
      ["a {time:d}", "{time:d}: the unit of time is s, m, h, as in {time:h}"],
      ["a {scratch:x}", "{scratch:x}: the unit of scratch is k, m, g, as in {scratch:g}"],
      ["'' a", "there is no command"],
      ["module load cuda && srun", "&& means something to a shell, and there is none here"],
      ["srun -c {cpu} 2>err.txt", "2>err.txt means something to a shell"],
    ] as const
  ) assertThrows(() => readTemplate(command), RangeError, problem);
});

Deno.test("what a task does not have is told before anything runs", () => {
  const problems = (command: string, more = {}) =>
    templateProblems(readTemplate(command), {
      resources: { licence: 1 },
      inputFields: ["fold"],
      task: "train",
      setting: 'the command of label "gpu"',
      ...more,
    });
  assertEquals(problems("a {cpu} {gpu} {licence} {input.fold} {task} {log.out}"), []);
  assertEquals(problems("a {mem:g} {mem:g}"), [
    'the command of label "gpu" asks for {mem:g}, but train declares no `resources.mem`: say resources: { mem: "4g" }',
  ]);
  assertEquals(problems("a {input.fodl}"), [
    'the command of label "gpu" asks for {input.fodl}, but the input of train has no field "fodl"; did you mean "fold"?',
  ]);
  assertEquals(problems("a {input.x}", { inputFields: undefined }), [], "not known yet");
  const [unknown] = problems("a {taks}");
  assertEquals(
    unknown,
    'the command of label "gpu" asks for {taks}, and there is no such field; did you mean "task"? There are task, call, key, key8, attempt, run, label, name, folder, cwd, log.out, log.err, cpu, gpu, mem, time, licence, input.<field>, and whatever train declares in `resources`',
  );
});

Deno.test("an operator that is quoted, or a word of its own, is a word", () => {
  assertEquals(filled("find . -exec '{task}' \\; '&&'"), ["find", ".", "-exec", "train::[fold]", ";", "&&"]);
  assertEquals(filled(["a", "&&", "b;"]), ["a", "&&", "b;"]);
  assertEquals(filled("bsub -R select[mem>4000]"), ["bsub", "-R", "select[mem>4000]"]);
});

Deno.test("what every object has is no field", () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    const known = { resources: {}, inputFields: [], task: "train", setting: "it" };
    assertEquals(templateProblems(readTemplate(`a {${name}}`), known).length, 1);
    assertThrows(() => filled(`a {${name}}`), RangeError, "there is no such field");
    assertThrows(() => filled(`a {input.${name}}`), RangeError, "has no text, number or truth value there");
  }
});

Deno.test("a value that no command can hold is refused", () => {
  const job = { ...JOB, fields: { ...JOB.fields, input: { field: "a\0b" } } };
  assertThrows(
    () => filled("a {input.field}", job),
    RangeError,
    'the command of label "gpu" asks for {input.field}, and its value in this call of train::[fold] holds a NUL character',
  );
});

Deno.test("a field that a single call does not have fails when it is filled in", () => {
  assertThrows(() => filled("a {input.deep}"), RangeError, "has no text, number or truth value there");
});

Deno.test("whatever a field holds, it is one word, unchanged, and not read again", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "a b",
      "'",
      '"',
      "`id`",
      "$(id)",
      "{task}",
      "{{",
      "\n",
      "\\",
      "",
      "; rm -rf /",
      "-x",
      "é世界",
    ),
  );
  fc.assert(fc.property(nasty, nasty, (task, field) => {
    fc.pre(!`${task}${field}`.includes("\0"));
    const job: Job = { ...JOB, fields: { ...JOB.fields, task, input: { field } } };
    assertEquals(filled("run '{task}' x{input.field}y", job), ["run", task, `x${field}y`]);
  }));
});

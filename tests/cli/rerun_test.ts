/** The command that runs a failed call again: typed as it stands, it means that very call. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { asInstalled, Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
const fail = (input: unknown): never => { throw new Error("no: " + JSON.stringify(input)); };
export const item = task("item", ({ n, on, name }: { n: number; on: boolean; name: string }) => fail({ n, on, name }));
export const whole = task("whole", (input: { list: number[]; cache: string; text: string }) => fail(input));
export const odd = task("odd", (input: { at: Date }) => fail(input));
const hidden = task("hidden", ({ n }: { n: number }) => fail({ n }));
const on = (calls: readonly unknown[]) => () => calls;
export const main = task("main", {
  deps: on([
    item({ n: -7, on: false, name: "it's \\"so\\"" }),
    whole({ list: [1, 2], cache: "none", text: "7" }),
    odd({ at: new Date(0) }),
    hidden({ n: 1 }),
  ]) as never,
  run: () => 1,
});
`;

Deno.test("a call with an input: by fields, as JSON where those would mean something else, else by the whole command", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const stderr = asInstalled((await place.runner("run", "p.ts", "main", "--keep-going")).stderr);
  const commands = [...stderr.matchAll(/ rerun: (.*)$/gm)].map((match) => match[1]!).sort();
  assertEquals(commands, [
    "runner run p.ts hidden --n 1",
    `runner run p.ts item --n -7 --name 'it'\\''s "so"' --on false`,
    "runner run p.ts main --keep-going",
    `runner run p.ts whole --input '{"cache":"none","list":[1,2],"text":"7"}'`,
  ]);
  // A shell takes it apart; the program makes the same call of it.
  const call = (command: string) =>
    stderr.split("\n\n").find((text) =>
      text.includes(`rerun: ${command}\n`) || text.endsWith(`rerun: ${command}`)
    )!;
  for (const command of commands.filter((one) => !one.includes("main"))) {
    const words = new Deno.Command("sh", {
      args: ["-c", `printf '%s\\n' ${command.slice("runner run ".length)}`],
    });
    const args = new TextDecoder().decode(words.outputSync().stdout).trimEnd().split("\n");
    const again = await place.runner("run", ...args);
    const [, error] = /Error: (no: .*)/.exec(call(command))!;
    assertStringIncludes(again.stderr, error!);
    assertEquals(again.code, 1);
  }
});

Deno.test("the options of the run that say where tasks run, what they find and where results are kept go along", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const low = task("low", {
  labels: "far",
  run: ({ n }: { n: number }, { params }) => { throw new Error("no: " + [n, params["a"], params["b"]].join()); },
});
export const top = task("top", { deps: () => [low({ n: -1 })], run: () => 1 });
`,
  });
  const run = (...more: string[]) =>
    place.runner(
      ...["run", "p.ts", "top", "--cache", "kept here", "--param", "a=1,2", "--param=b='x'"],
      ...more,
    );
  const rerunOf = ({ stderr }: { stderr: string }) => / rerun: (.*)$/m.exec(asInstalled(stderr))?.[1];
  const set = `--cache 'kept here' --param a=1,2 --param 'b='\\''x'\\'''`;
  const given = [
    "--workers",
    "1",
    "--limit",
    "far=1,low=2",
    "--prefix",
    "far=env 'A=1 2'",
    "--no-history",
  ];
  const ended = await run(
    ...given,
    "--keep-going",
    "--full-log",
    "--only",
    "...top",
    "--force",
    "--force=low",
  );
  assertEquals(
    rerunOf(ended),
    `runner run p.ts low --n -1 --cache 'kept here' --workers 1 ${
      set.slice(set.indexOf("--param"))
    } --limit far=1 --limit low=2 --prefix 'far=env '\\''A=1 2'\\''' --no-history`,
  );
  const [, words = ""] = /^runner (.*)$/.exec(rerunOf(await run())!)!;
  const printed = new Deno.Command("sh", { args: ["-c", `printf '%s\\n' ${words}`] }).outputSync().stdout;
  const again = await place.runner(...new TextDecoder().decode(printed).trimEnd().split("\n"));
  assertStringIncludes(again.stderr, "Error: no: -1,1,2,'x'\n");
  // Once more, it says the same.
  assertEquals(rerunOf(again), `runner ${words}`);
});

Deno.test("what was done before the failed call is not done again, though the run was forced", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const { stderr } = await place.runner("run", "p.ts", "main", "--keep-going", "--force", "--force=item");
  assertStringIncludes(asInstalled(stderr), "\n  rerun: runner run p.ts main --keep-going\n");
});

Deno.test("a name that could mean several calls is given by its fields", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
const s = ["*", "a?", "[b]", "c"];
export const t = task("t::[s]", { choices: { s }, run: () => { throw new Error("no"); } });
export const m = task("m", { deps: ["t::*"], run: () => 1 });
`,
  });
  const { stderr } = await place.runner("run", "p.ts", "m", "--max-failures", "9");
  assertEquals([...asInstalled(stderr).matchAll(/ rerun: (.*)$/gm)].map((match) => match[1]!).sort(), [
    "runner run p.ts 't::[s]' --s '*'",
    "runner run p.ts 't::[s]' --s '[b]'",
    "runner run p.ts 't::[s]' --s 'a?'",
    "runner run p.ts t::c",
  ]);
});

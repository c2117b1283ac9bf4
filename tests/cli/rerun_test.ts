/** The command that runs a failed call again: typed as it stands, it means that very call. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Place } from "./support.ts";

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
  const { stderr } = await place.runner("run", "p.ts", "main", "--keep-going");
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

/** Questions of tasks at a real terminal. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { fromFileUrl } from "../support/paths.ts";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
export const name = task("name", async (_: undefined, ctx) => await ctx.prompt("Name?"));
export const word = task("word", async (_: undefined, ctx) => await ctx.promptSecret("Word?"));
`;
/** Gives a program a terminal; part of most systems, with other arguments on some. */
const SCRIPT = "/usr/bin/script";
const ignore = Deno.build.os !== "linux" || !fs.existsSync(SCRIPT);

for (const [task, question] of [["name", "Name?"], ["word", "Word?"]]) {
  Deno.test({
    name: `an input that ends (Ctrl-D) is no answer: ${task}`,
    ignore,
    fn: async () => {
      using place = new Place({ "p.ts": PIPELINE });
      const command = `"${Deno.execPath()}" run -A --quiet "${fromFileUrl("../../cli.ts")}" run p.ts ${task}`;
      const child = new Deno.Command(SCRIPT, {
        args: ["-qec", command, "/dev/null"],
        cwd: place.path,
        env: { NO_COLOR: "1" },
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const keys = child.stdin.getWriter();
      let screen = "";
      let asked = false;
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        screen += text;
        if (!asked && screen.includes(`${task}: ${question}`)) {
          asked = true;
          await keys.write(Uint8Array.of(4));
        }
      }
      const { code } = await child.status;
      await keys.close().catch(() => {});
      assertStringIncludes(screen, "the input ended before there was an answer");
      assertEquals(code, 1);
    },
  });
}

import fs from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fixture } from "../support/paths.ts";
import { lastLine } from "../support/program.ts";
import { diskFolder } from "../support/temp.ts";

/** A folder with what a sandboxed task may read, may write, and may not even see. */
function lay(folder: string): void {
  fs.mkdirSync(`${folder}/data`);
  fs.writeFileSync(`${folder}/data/plain.txt`, "plain\n");
  fs.writeFileSync(`${folder}/secret.txt`, "SECRET of a file\n");
  fs.writeFileSync(`${folder}/secret.js`, 'export default "SECRET of a module";\n');
  fs.writeFileSync(`${folder}/secret.json`, '{ "text": "SECRET of data" }\n');
  fs.writeFileSync(`${folder}/victim.txt`, "untouched\n");
  fs.symlinkSync("../secret.txt", `${folder}/data/link.txt`);
  fs.symlinkSync("..", `${folder}/data/up`);
  const database = new DatabaseSync(`${folder}/secret.db`);
  database.exec("create table secret (text); insert into secret values ('SECRET of a database')");
  database.close();
}

/** Tries all ways; tells what came of each, and which requests a server of ours has heard. */
async function tried(which: "held" | "free"): Promise<{ told: Record<string, string>; heard: string[] }> {
  using temp = diskFolder();
  lay(temp.path);
  const heard: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    heard.push(new URL(request.url).pathname);
    return new Response('export default "SECRET of a server";', {
      headers: { "content-type": "text/javascript" },
    });
  });
  try {
    const told = await lastLine<Record<string, string>>(
      fixture("sandbox_escapes.ts"),
      [which, String(server.addr.port)],
      { cwd: temp.path, env: { SANDBOX_TOKEN: "SECRET of the environment" } },
    );
    return { told, heard };
  } finally {
    await server.shutdown();
  }
}

Deno.test("no way leads out of a sandbox", async (test) => {
  const { told, heard } = await tried("held");
  for (const [name, what] of Object.entries(told)) {
    await test.step(`a task that ${name}`, () => {
      assert(!what.includes("SECRET"), what);
      assertMatch(
        what,
        /^(NotPermitted: (the task may not|the module|a sandboxed task cannot)|Error: too many attached)/,
      );
    });
  }
  await test.step("nobody was asked over the network", () => assertEquals(heard, []));
});

Deno.test("without a sandbox, each of the ways leads out", async (test) => {
  const { told, heard } = await tried("free");
  for (const [name, what] of Object.entries(told)) {
    await test.step(`a task that ${name}`, () => assertStringIncludes(what, "SECRET"));
  }
  assertEquals(heard, ["/fetch", "/socket", "/module.js"]);
});

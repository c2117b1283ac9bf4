import fs from "node:fs";
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../support/paths.ts";
import { lastLine } from "../support/program.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

interface Said {
  readonly value: readonly unknown[];
  readonly ran: Readonly<Record<string, number>>;
}

/** A copy of the project, with a cache beside it. */
class Project implements Disposable {
  private readonly temp: TempFolder = tempFolder();
  folder: string = `${this.temp.path}/project`;
  constructor() {
    fs.mkdirSync(this.folder);
    for (const name of ["pipeline.ts", "helper.ts"]) {
      const text = fs.readFileSync(fromFileUrl(`../fixtures/project/${name}`), "utf8");
      fs.writeFileSync(
        `${this.folder}/${name}`,
        text.replace("../../../mod.ts", fromFileUrl("../../mod.ts")),
      );
    }
  }
  /** Changes a text in a file; it must be there. */
  edit(name: string, from: string, to: string): void {
    const path = `${this.folder}/${name}`;
    const text = fs.readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${name} does not have: ${from}`);
    fs.writeFileSync(path, text.replace(from, to));
  }
  /** Moves all of it to another place. */
  move(): void {
    const there = `${this.temp.path}/elsewhere`;
    fs.renameSync(this.folder, there);
    this.folder = there;
  }
  /** Runs it in a process of its own. */
  async run(env: Readonly<Record<string, string>> = {}, ...force: readonly string[]): Promise<Said> {
    const words = [`${this.temp.path}/cache`, `${this.temp.path}/state`, ...force];
    return await lastLine<Said>(`${this.folder}/pipeline.ts`, words, { env: { GREETING: "", ...env } });
  }
  [Symbol.dispose](): void {
    this.temp[Symbol.dispose]();
  }
}

const VALUE = [30, "!", "old text", { a: "child 1" }];
const NOTHING = { value: VALUE, ran: {} };

/** Registers a test that starts with a project that has run once. */
function test(what: string, body: (project: Project) => Promise<void>): void {
  Deno.test(what, async () => {
    using project = new Project();
    assertEquals(await project.run(), {
      value: VALUE,
      ran: { source: 1, scaled: 1, greeting: 1, versioned: 1, parent: 1, child: 1 },
    });
    await body(project);
  });
}

test("nothing changed, comments, layout, lines moved, the project moved: nothing runs", async (project) => {
  assertEquals(await project.run(), NOTHING);
  project.edit("pipeline.ts", "// A comment.", "// Another comment,\n  // over two lines.");
  assertEquals(await project.run(), NOTHING);
  project.edit(
    "pipeline.ts",
    "return n % 10;",
    "return (\n    n   %   10\n  );".replace("(\n", "").replace("\n  )", ""),
  );
  assertEquals(await project.run(), NOTHING);
  project.edit("pipeline.ts", "/** Where it all begins. */", "\n\nexport const unrelated = 12;\n\n");
  project.edit("helper.ts", "/** Scales. */", "/**\n * Scales a lot.\n */");
  assertEquals(await project.run(), NOTHING);
  project.move();
  assertEquals(await project.run(), NOTHING);
});

test("an edit with an equal result stops there; one with another goes on; the old code hits again", async (project) => {
  project.edit("pipeline.ts", "return n % 10;", "return n % 5;");
  assertEquals(await project.run(), { value: VALUE, ran: { source: 1 } });
  project.edit("pipeline.ts", "return n % 5;", "return n % 4;");
  assertEquals(await project.run(), {
    value: [10, ...VALUE.slice(1)],
    ran: { source: 1, scaled: 1 },
  });
  project.edit("pipeline.ts", "return n % 4;", "return n % 10;");
  assertEquals(await project.run(), NOTHING);
});

test("an edit of a helper in another module runs the tasks that reach it, and no others", async (project) => {
  project.edit("helper.ts", "n * 10", "n * 100");
  assertEquals(await project.run(), { value: [300, ...VALUE.slice(1)], ran: { scaled: 1 } });
  project.edit("helper.ts", "n * 100", "n * 10");
  assertEquals(await project.run(), NOTHING);
});

test("a declared variable counts, with its value; another does not", async (project) => {
  assertEquals(await project.run({ OTHER: "x" }), NOTHING);
  const hello = await project.run({ GREETING: "hello" });
  assertEquals([hello.value[1], hello.ran], ["hello!", { greeting: 1 }]);
  assertEquals(await project.run(), NOTHING);
});

test("a version stands for the code", async (project) => {
  project.edit("pipeline.ts", "old text", "new text");
  assertEquals(await project.run(), NOTHING);
  project.edit("pipeline.ts", "version: 1", "version: 2");
  const { value, ran } = await project.run();
  assertEquals([value[2], ran], ["new text", { versioned: 1 }]);
});

test("a parent that returned calls is a hit while its child runs anew", async (project) => {
  project.edit("pipeline.ts", "`child ${n}`", "`grandchild ${n}`");
  const { value, ran } = await project.run();
  assertEquals([value[3], ran], [{ a: "grandchild 1" }, { child: 1 }]);
});

test("force runs the named tasks only, and their dependents when the result has changed", async (project) => {
  assertEquals(await project.run({}, "source"), { value: VALUE, ran: { source: 1 } });
  assertEquals(await project.run(), NOTHING);
});

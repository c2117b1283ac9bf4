/** The site example, on a copy of what it reads: its files, its links, its feed, and that a change builds what it concerns. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join, relative } from "node:path";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Stats } from "./run_example.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PIPELINE = "examples/site/pipeline.ts";

/** What a run of the example did. */
interface SiteRun {
  readonly code: number;
  readonly stats: Stats;
  readonly restored: readonly string[];
  readonly value: unknown;
  readonly errors: readonly string[];
}

/** A copy of everything that the site is made of. */
class Copy implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Copy> {
    const copy = new Copy(await Deno.makeTempDir({ prefix: "runner-site-" }));
    const own = (path: string) => !/^examples\/[^/]+\/out$/.test(relative(ROOT, path));
    for (const name of ["README.md", "LICENSE", "docs", "examples", "src"]) {
      cpSync(join(ROOT, name), join(copy.folder, name), { recursive: true, filter: own });
    }
    return copy;
  }

  path(name: string): string {
    return join(this.folder, name);
  }
  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }
  edit(name: string, change: (text: string) => string): void {
    writeFileSync(this.path(name), change(this.read(name)));
  }

  /** All files of the site, by their paths in it. */
  site(): Map<string, string> {
    const out = this.path("examples/site/out");
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile()
    );
    return new Map(
      files.map(({ parentPath, name }) => relative(out, join(parentPath, name))).sort()
        .map((name) => [name, readFileSync(join(out, name), "utf8")]),
    );
  }

  async run(...words: string[]): Promise<SiteRun> {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(ROOT, "cli.ts"), "run", PIPELINE, ...words, "--json"],
      cwd: this.folder,
    }).output();
    const events = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
    return {
      code,
      stats: events.find(({ kind }) => kind === "run-ended").stats,
      restored: events.filter(({ kind }) => kind === "outputs-restored").flatMap(({ paths }) => paths).sort(),
      value: events.find(({ kind }) => kind === "value")?.value,
      errors: events.filter(({ kind }) => kind === "node-failed").map(({ failure }) =>
        JSON.stringify(failure)
      ),
    };
  }

  async [Symbol.asyncDispose]() {
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("site: every page, links that all lead somewhere, a feed; nothing to do the second time", async () => {
  await using copy = await Copy.make();
  const docs = readdirSync(copy.path("docs")).filter((name) => name.endsWith(".md"));
  const pages = ["README", "examples/README", ...docs.map((name) => `docs/${name.slice(0, -3)}`)];

  const pictures = readdirSync(copy.path("docs")).filter((name) => name.endsWith(".svg")).length;

  const { code, stats, value } = await copy.run();
  assertEquals([code, stats.failed], [0, 0]);
  assertEquals(stats.ranByTask["page::[page]"], pages.length);
  assertEquals(value, `${pages.length} pages in examples/site/out, ${pages.length + 4 + pictures} files`);

  const site = copy.site();
  for (const page of pages) {
    const html = site.get(`${page}.html`)!;
    const [, title] = /^# (.+)$/m.exec(copy.read(`${page}.md`))!;
    assertStringIncludes(html.replaceAll(/<\/?code>/g, ""), `>${title!.replaceAll("`", "")}</h1>`, page);
    for (const other of pages) assertStringIncludes(html, `${relative(dirname(page), other)}.html"`, page);
    assertEquals(html.match(/aria-current="page"/g)?.length, 1, page);
  }
  const problems = brokenLinks(site, copy.path("examples/site/out"));
  assertEquals(problems, []);

  const feed = site.get("feed.xml")!;
  assertWellFormed(feed);
  const entries = copy.read("examples/site/changes.md").match(/^- \d{4}/gm)!.length;
  assertEquals(feed.match(/<item>/g)?.length, entries);
  for (const [, date] of feed.matchAll(/<pubDate>(.+)<\/pubDate>/g)) {
    assertMatch(date!, /^\w{3}, \d\d \w{3} \d{4} 00:00:00 GMT$/);
  }

  const sums = new Set(site.get("SHA256SUMS")!.trim().split("\n").map((line) => line.slice(66)));
  assertEquals(sums, new Set([...site.keys()].filter((name) => name !== "SHA256SUMS")));

  const second = await copy.run();
  assertEquals([second.stats.ran, second.restored, second.value], [0, [], value]);
  assertEquals(copy.site(), site);
});

Deno.test("site: one edit, one page; a reverted edit, a lost and a spoilt file: nothing runs", async () => {
  await using copy = await Copy.make();
  await copy.run();
  const before = copy.site();
  const original = copy.read("docs/limits.md");

  copy.edit("docs/limits.md", (text) => `${text}\nOne more sentence.\n`);
  const edited = await copy.run();
  assertEquals(edited.stats.ranByTask, { "outline::[page]": 1, "page::[page]": 1, site: 1, publish: 1 });
  const now = copy.site();
  const differing = [...now.keys()].filter((name) => now.get(name) !== before.get(name));
  assertEquals(differing, ["SHA256SUMS", "docs/limits.html"]);
  assertStringIncludes(now.get("docs/limits.html")!, "One more sentence.");

  copy.edit("docs/limits.md", () => original);
  const reverted = await copy.run();
  assertEquals([reverted.stats.ran, copy.site()], [0, before]);
  const out = (name: string) => `examples/site/out/${name}`;
  assertEquals(reverted.restored, [out("SHA256SUMS"), out("docs/limits.html")]);

  rmSync(copy.path(out("docs")), { recursive: true });
  copy.edit(out("style.css"), (text) => `${text}\nbody { color: red }`);
  const healed = await copy.run();
  assertEquals([healed.stats.ran, copy.site()], [0, before]);
  assert(healed.restored.includes(out("docs/limits.html")) && healed.restored.includes(out("style.css")));

  copy.edit("docs/limits.md", (text) => text.replace(/^# .*/, "# What it cannot do"));
  const { stats } = await copy.run();
  const pages = [...before.keys()].filter((name) => name.endsWith(".html") && name !== "index.html").length;
  assertEquals([stats.ranByTask["outline::[page]"], stats.ranByTask["page::[page]"]], [1, pages]);
  for (const [name, html] of copy.site()) {
    if (name.endsWith(".html")) assertStringIncludes(html, "What it cannot do", name);
  }

  copy.edit("examples/site/changes.md", (text) => `${text}- 2020-01-01 [README]: The first & best.\n`);
  const news = await copy.run();
  assertEquals(news.stats.ranByTask, { changes: 1, front: 1, feed: 1, site: 1, publish: 1 });
  assertStringIncludes(copy.site().get("feed.xml")!, "The first &amp; best.");
});

Deno.test("site: broken links fail with file and line, and nothing is published", async () => {
  await using copy = await Copy.make();
  const lines = copy.read("docs/limits.md").split("\n").length;
  copy.edit("docs/limits.md", (text) => `${text}\nSee [this](nowhere.md),\n[that](key.md#nowhere).\n`);
  const { code, stats, errors } = await copy.run("--keep-going");
  assertEquals([code, stats.failed], [1, 1]);
  assertStringIncludes(errors.join(), `docs/limits.md:${lines + 1}: [nowhere.md] leads nowhere`);
  assertStringIncludes(errors.join(), `docs/limits.md:${lines + 2}: [key.md#nowhere] leads nowhere`);
  assert(!existsSync(copy.path("examples/site/out/SHA256SUMS")));
  assert(existsSync(copy.path("examples/site/out/docs/limits.html")));

  writeFileSync(copy.path("docs/nowhere.md"), "# Nowhere\n");
  copy.edit("docs/key.md", (text) => `${text}\n## Nowhere\n`);
  const repaired = await copy.run();
  assertEquals([repaired.code, repaired.stats.failed], [0, 0]);
  assert(existsSync(copy.path("examples/site/out/docs/nowhere.html")));
});

Deno.test("site: some pages by a pattern, the feed for another place by a parameter", async () => {
  await using copy = await Copy.make();
  const { stats } = await copy.run("page::docs/*", "asset::icon.svg");
  const docs = readdirSync(copy.path("docs")).filter((name) => name.endsWith(".md")).length;
  assertEquals([stats.ranByTask["page::[page]"], stats.ranByTask["asset::[file]"]], [docs, 1]);
  assertEquals(copy.site().size, docs + 1);

  await copy.run("feed");
  assertStringIncludes(copy.site().get("feed.xml")!, "https://runner.example/README.html");
  const moved = await copy.run("feed", "--param", "base=https://docs.example/runner/");
  assertEquals(moved.stats.ranByTask, { feed: 1 });
  assertStringIncludes(copy.site().get("feed.xml")!, "https://docs.example/runner/README.html");
  assertEquals((await copy.run("feed")).stats.ran, 0);
});

Deno.test("site: a watch builds a page again when it is saved", async () => {
  await using copy = await Copy.make();
  await copy.run();
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(ROOT, "cli.ts"), "run", PIPELINE, "--watch", "--debounce", "20"],
    cwd: copy.folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const told = child.stderr.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  const nextRun = async () => {
    let text = "";
    while (!/^watching \d+ files/m.test(text)) {
      const { done, value } = await told.next();
      assert(!done, `the watch ended:\n${text}`);
      text += value;
    }
    return text;
  };
  assertStringIncludes(await nextRun(), "ran 0");
  copy.edit("docs/limits.md", (text) => `${text}\nOne more sentence.\n`);
  const built = await nextRun();
  assertStringIncludes(built, "docs/limits.md changed");
  assertStringIncludes(built, "ran page::docs/limits");
  assertStringIncludes(copy.site().get("docs/limits.html")!, "One more sentence.");
  child.kill("SIGINT");
  assertEquals((await child.status).code, 130);
  await told.return?.();
});

/** Links of HTML files that lead to nothing: to no file, or to no id in it. */
function brokenLinks(site: ReadonlyMap<string, string>, out: string): string[] {
  const broken: string[] = [];
  for (const [name, html] of site) {
    if (!name.endsWith(".html")) continue;
    for (const [, link] of html.matchAll(/\s(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(link!)) continue;
      const [file = "", anchor] = decodeURI(link!).split("#");
      const target = file === "" ? name : join(dirname(name), file);
      const there = site.has(target) || existsSync(join(out, target));
      if (!there || anchor && !site.get(target)?.includes(`id="${anchor}"`)) broken.push(`${name}: ${link}`);
    }
  }
  return broken;
}

/** Fails when tags are not closed in order or text is not escaped. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const tag = /<(\/?)([\w:]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g;
  const body = xml.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, "");
  for (const [, close, name, alone] of body.matchAll(tag)) {
    if (close) assertEquals(open.pop(), name);
    else if (!alone) open.push(name!);
  }
  assertEquals(open, []);
  assert(!/[<>]|&(?!amp;|lt;|gt;|quot;)/.test(body.replaceAll(tag, "")), "text that is not escaped");
}

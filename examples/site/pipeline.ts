/**
 * This repository's documentation as a web site: pages, an index, a link check and an RSS feed, built as make would build them.
 *
 * ```sh
 * runner run examples/site/pipeline.ts                      # from the top folder; then open examples/site/out/index.html
 * runner run examples/site/pipeline.ts --watch              # again whenever a page is saved
 * runner run examples/site/pipeline.ts 'page::docs/*'       # a few pages only
 * runner explain examples/site/pipeline.ts page::README     # why it would be built
 * ```
 *
 * A page is read twice on purpose: its outline (title, headings, links) is all that other files know of it. An edit that
 * leaves the outline alone builds one page; a new title builds them all, for it stands in every menu.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { all, NO_FAILURES, task } from "runner";
import { type Change, feedXml, readChanges } from "./feed.ts";
import { indexPage, type MenuEntry, page as pageHtml } from "./layout.ts";
import { checkLinks } from "./links.ts";
import { type Outline, readOutline } from "./markdown.ts";

const OUT = "examples/site/out";
const read = (path: string): string => readFileSync(path, "utf8");

const docs = readdirSync("docs").sort().map((name) => `docs/${name}`);

/** The pages: Markdown files without their ending. */
const PAGES = [
  "README",
  ...docs.filter((path) => path.endsWith(".md")).map((path) => path.slice(0, -".md".length)),
  "examples/README",
];

/** Files that are copied, by their place in the site. */
const ASSETS: Readonly<Record<string, string>> = {
  "style.css": "examples/site/style.css",
  "icon.svg": "examples/site/icon.svg",
  ...Object.fromEntries(docs.filter((path) => path.endsWith(".svg")).map((path) => [path, path])),
};

/** What other files know of a page. */
const outline = task("outline::[page]", {
  choices: { page: PAGES },
  inputs: ({ page }) => `${page}.md`,
  run: ({ page }): Outline => readOutline(page, read(`${page}.md`)),
});

const outlines = () => all(PAGES.map((page) => outline({ page })));

/** What stands beside every page. */
const menu = task("menu", {
  deps: () => outlines(),
  run: (_, { deps }): MenuEntry[] => deps.map(({ page, title }) => ({ page, title })),
});

/** One page. The value is what the page is called; the file is what counts. */
export const page = task("page::[page]", {
  description: "Builds one page.",
  choices: { page: PAGES },
  deps: () => ({ menu: menu() }),
  inputs: ({ page }) => `${page}.md`,
  outputs: ({ page }) => `${OUT}/${page}.html`,
  run: ({ page }, { deps }) =>
    writeFileSync(`${OUT}/${page}.html`, pageHtml(page, read(`${page}.md`), deps.menu)),
});

/** What is new, from a list that people write. */
const changes = task("changes", {
  inputs: "examples/site/changes.md",
  run: (): Change[] => readChanges("examples/site/changes.md", read("examples/site/changes.md"), PAGES),
});

export const front = task("front", {
  description: "Builds the page that leads to all others.",
  deps: () => ({ outlines: outlines(), changes: changes() }),
  outputs: `${OUT}/index.html`,
  run: (_, { deps }) => writeFileSync(`${OUT}/index.html`, indexPage(deps.outlines, deps.changes)),
});

export const feed = task("feed", {
  description: "Writes the RSS feed; --param base=https://… says where the site will be.",
  deps: () => ({ changes: changes(), menu: menu() }),
  outputs: `${OUT}/feed.xml`,
  run: (_, { deps, params }) => {
    const base = String(params["base"] ?? "https://runner.example/");
    writeFileSync(`${OUT}/feed.xml`, feedXml(base, deps.changes, deps.menu));
  },
});

/** Style sheet, icon and the pictures of the pages, as they are. */
export const asset = task("asset::[file]", {
  choices: { file: Object.keys(ASSETS) },
  inputs: ({ file }) => ASSETS[file]!,
  outputs: ({ file }) => `${OUT}/${file}`,
  run: ({ file }) => copyFileSync(ASSETS[file]!, `${OUT}/${file}`),
});

/** Every link leads somewhere. Wanted whenever `publish` is, and done before it. */
export const links = task("links", {
  description: "Checks every link between the pages, with its anchor.",
  rdeps: "publish",
  deps: () => ({ outlines: outlines() }),
  // Which files the pages name is known only now: from here on they are inputs.
  run: (_, ctx) => checkLinks(ctx.deps.outlines, (path) => ctx.dep(path)),
});

export const site = task("site", {
  description: "Builds all files.",
  deps: ["page::*", "front", "feed", "asset::*"],
  run: () => `${PAGES.length} pages in ${OUT}`,
});

/** The last step, only after nothing at all has failed: what was built, as `sha256sum -c` checks it. */
export const publish = task("publish", {
  description: "Builds and checks everything, and writes the list that an upload would go by.",
  deps: ["site", NO_FAILURES],
  inputs: [`${OUT}/**`, `!${OUT}/SHA256SUMS`],
  outputs: `${OUT}/SHA256SUMS`,
  run: (_, { inputs, results, log }) => {
    const sum = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    writeFileSync(
      `${OUT}/SHA256SUMS`,
      inputs.map((path) => `${sum(path)}  ${path.slice(OUT.length + 1)}\n`).join(""),
    );
    log(inputs.length, "files");
    return `${results["site"]}, ${inputs.length} files`;
  },
});

export const main = publish();

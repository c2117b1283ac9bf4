/** Templates: a page with its menu and table of contents, and the index. Plain HTML that works from a folder, without a network. */
import type { Change } from "./feed.ts";
import {
  escape,
  type Heading,
  hrefFrom,
  type Outline,
  readOutline,
  renderMarkdown,
  wayFrom,
} from "./markdown.ts";

/** A line of the menu. */
export interface MenuEntry {
  readonly page: string;
  readonly title: string;
}

/** A whole page. */
export function page(page: string, source: string, menu: readonly MenuEntry[]): string {
  const pages = menu.map((entry) => entry.page);
  const { title, headings } = readOutline(page, source);
  const at = pages.indexOf(page);
  const turn = (entry: MenuEntry | undefined, word: string) =>
    entry === undefined
      ? "<span></span>"
      : `<a href="${wayFrom(page, `${entry.page}.html`)}"><small>${word}</small>${escape(nameOf(entry))}</a>`;
  return document({
    page,
    title,
    body: `<nav class="menu" aria-label="Pages">${menuHtml(page, menu)}</nav>
<main>
<article>
${renderMarkdown(source, (target) => hrefFrom(page, target, pages))}</article>
<nav class="turn" aria-label="Next">${turn(menu[at - 1], "Before")}${turn(menu[at + 1], "Next")}</nav>
</main>
<nav class="contents" aria-label="On this page">${contentsHtml(headings)}</nav>`,
  });
}

/** The index: what each page is about, and what is new. */
export function indexPage(outlines: readonly Outline[], changes: readonly Change[]): string {
  const [first, ...others] = outlines;
  const titles = new Map(outlines.map((outline) => [outline.page, nameOf(outline)]));
  const card = (outline: Outline) =>
    `<a class="card" href="${outline.page}.html"><h3>${escape(nameOf(outline))}</h3>
<p>${escape(firstSentence(outline.lead))}</p></a>`;
  const line = ({ date, page, text }: Change) =>
    `<li><time datetime="${date}">${date}</time> <a href="${page}.html">${
      escape(titles.get(page) ?? page)
    }</a>
<p>${escape(text)}</p></li>`;
  return document({
    page: "index",
    title: "Documentation",
    body: `<main class="index">
<header><h1>${escape(first!.title)}</h1>
<p>${escape(first!.lead)}</p>
<p><a class="button" href="${first!.page}.html">Read the guide</a></p></header>
<section><h2>Pages</h2><div class="cards">
${others.map(card).join("\n")}
</div></section>
<section><h2>What is new</h2><ul class="news">
${changes.slice(0, 6).map(line).join("\n")}
</ul></section>
</main>`,
  });
}

function document({ page, title, body }: { page: string; title: string; body: string }): string {
  const to = (file: string) => wayFrom(page, file);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title === "runner" ? title : `${title} · runner`)}</title>
<link rel="stylesheet" href="${to("style.css")}">
<link rel="icon" href="${to("icon.svg")}">
<link rel="alternate" type="application/rss+xml" href="${to("feed.xml")}" title="What is new">
</head>
<body>
<header class="top"><a class="brand" href="${to("index.html")}"><img src="${
    to("icon.svg")
  }" alt="" width="22" height="22">runner</a>
<a href="${to("feed.xml")}">Feed</a></header>
<div class="columns">
${body}
</div>
</body>
</html>
`;
}

function menuHtml(page: string, menu: readonly MenuEntry[]): string {
  const line = (entry: MenuEntry) =>
    `<li><a href="${wayFrom(page, `${entry.page}.html`)}"${
      entry.page === page ? ' aria-current="page"' : ""
    }>${escape(nameOf(entry))}</a></li>`;
  return `<ul>\n${menu.map(line).join("\n")}\n</ul>`;
}

function contentsHtml(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level === 2 || level === 3);
  if (shown.length < 2) return "";
  const line = ({ level, slug, text }: Heading) =>
    `<li class="h${level}"><a href="#${slug}">${escape(text)}</a></li>`;
  return `<h2>On this page</h2>\n<ul>\n${shown.map(line).join("\n")}\n</ul>`;
}

/** What a page is called in lists: the first one is the guide. */
function nameOf({ page, title }: MenuEntry): string {
  return page === "README" ? "Guide" : title;
}

function firstSentence(text: string): string {
  return /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}

/** Markdown: what a page says of itself, and its text as HTML. */

// The parser of many editors and site builders: CommonMark and tables, typed, released regularly; it knows the line of each
// block, which the link check needs.
import MarkdownIt, { type Token } from "npm:markdown-it@15.0.3";
// The tokens of TypeScript, for colours: 15 kB instead of a highlighter with two hundred languages.
import jsTokens from "npm:js-tokens@10.0.0";
import { dirname, join, relative } from "node:path/posix";

export interface Heading {
  readonly level: number;
  readonly slug: string;
  readonly text: string;
}

export interface Link {
  readonly line: number;
  /** As it is written. */
  readonly target: string;
}

/** What other files know of a page. */
export interface Outline {
  readonly page: string;
  readonly title: string;
  /** The first paragraph. */
  readonly lead: string;
  readonly headings: readonly Heading[];
  readonly links: readonly Link[];
}

const markdown = new MarkdownIt({ highlight });

/** Reads a page's outline. */
export function readOutline(page: string, source: string): Outline {
  const tokens = markdown.parse(source, {});
  const headings = headingsOf(tokens);
  const lead = tokens.find((token: Token, at: number) =>
    token.type === "inline" && tokens[at - 1]?.type === "paragraph_open"
  );
  return {
    page,
    title: headings.find(({ level }) => level === 1)?.text ?? page,
    lead: lead === undefined ? "" : textOf(lead),
    headings,
    links: tokens.flatMap((token) =>
      targetsOf(token).map((target) => ({ line: lineOf(source, token, target), target }))
    ),
  };
}

/** Renders a page; `linkTo` says what becomes of links to other files. */
export function renderMarkdown(source: string, linkTo: (target: string) => string): string {
  const tokens = markdown.parse(source, {});
  const slugs = headingsOf(tokens).map(({ slug }) => slug);
  for (const [at, token] of tokens.entries()) {
    if (token.type === "heading_open") token.attrSet("id", slugs.shift()!);
    for (const [name, child] of linksIn(token)) child.attrSet(name, linkTo(String(child.attrGet(name))));
    // A wide table scrolls by itself.
    if (token.type === "table_open") tokens[at]!.attrSet("class", "table");
  }
  return markdown.renderer.render(tokens, markdown.options, {});
}

/** The page or file that a link in a page means: its path in the repository, and the anchor. */
export function resolveLink(
  page: string,
  target: string,
): { readonly path: string; readonly anchor: string } {
  const [file = "", anchor = ""] = decodeURI(target).split("#");
  return { path: file === "" ? `${page}.md` : join(dirname(page), file), anchor };
}

/** Where a link leads in the site: to a page or picture, else to the file in the repository that the site lies in. */
export function hrefFrom(page: string, target: string, pages: readonly string[]): string {
  if (isOutside(target)) return target;
  const { path, anchor } = resolveLink(page, target);
  const built = pages.find((one) => `${one}.md` === path);
  const file = built !== undefined ? `${built}.html` : path.endsWith(".svg") ? path : `/${path}`;
  return wayFrom(page, file) + (anchor === "" ? "" : `#${anchor}`);
}

/** The relative way from a page to a file of the site, or, with `/` before it, of the repository. */
export function wayFrom(page: string, file: string): string {
  const out = "/examples/site/out";
  return relative(join(out, dirname(page)), file.startsWith("/") ? file : join(out, file));
}

/** Whether a link leads out of the repository. */
export const isOutside = (target: string): boolean => /^[a-z]+:/i.test(target);

/** Text as it may stand in HTML and XML. */
export const escape = (text: string): string => markdown.utils.escapeHtml(text);

function headingsOf(tokens: readonly Token[]): Heading[] {
  const known = new Map<string, number>();
  return tokens.flatMap((token, at) => {
    if (token.type !== "heading_open") return [];
    const text = textOf(tokens[at + 1]!);
    // As GitHub does it, so that a link works in both places.
    const plain = text.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-");
    const count = known.get(plain) ?? 0;
    known.set(plain, count + 1);
    return [{ level: Number(token.tag.slice(1)), slug: count === 0 ? plain : `${plain}-${count}`, text }];
  });
}

function textOf(token: Token): string {
  return (token.children ?? []).map(({ type, content }) => type === "softbreak" ? " " : content).join("");
}

function linksIn(token: Token): [name: string, child: Token][] {
  return (token.children ?? []).flatMap((child): [string, Token][] =>
    child.type === "link_open" ? [["href", child]] : child.type === "image" ? [["src", child]] : []
  );
}

function targetsOf(token: Token): string[] {
  return linksIn(token).map(([name, child]) => String(child.attrGet(name)));
}

/** The line of a link, from 1: the parser knows the block, the text tells the rest. */
function lineOf(source: string, { map }: Token, target: string): number {
  const [from, to] = map ?? [0, 1];
  const at = source.split("\n").slice(from, to).findIndex((line) => line.includes(`(${target}`));
  return from + Math.max(0, at) + 1;
}

/** Colours for TypeScript and for commands; everything else stays as it is. */
function highlight(code: string, language: string): string {
  const mark = (kind: string, text: string) => `<span class="${kind}">${escape(text)}</span>`;
  if (language === "ts") {
    return [...jsTokens(code)].map(({ type, value }) => {
      if (/Comment$/.test(type)) return mark("comment", value);
      if (/^(String|Template|NoSubstitution|RegularExpression)/.test(type)) return mark("string", value);
      if (type === "NumericLiteral") return mark("number", value);
      return KEYWORDS.has(value) ? mark("keyword", value) : escape(value);
    }).join("");
  }
  if (language !== "text" && language !== "sh") return "";
  return code.split("\n").map((line) =>
    line.startsWith("$ ")
      ? mark("command", line)
      : line.startsWith("#")
      ? mark("comment", line)
      : escape(line)
  ).join("\n");
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "as async await case class const default else export extends false for from function if import in interface let new null of \
return satisfies switch throw true try type typeof undefined using while yield".split(" "),
);

/** What is new: the list that people write, and the RSS feed made of it. No clock is asked, so equal lists give equal feeds. */
import { escape } from "./markdown.ts";

/** An entry of the list. */
export interface Change {
  /** As in `2026-11-21`. */
  readonly date: string;
  readonly page: string;
  readonly text: string;
}

const ENTRY = /^- (\d{4}-\d\d-\d\d) \[([^\]]+)\]: (.+)$/;

/**
 * Reads the list: one line for each change, `- 2026-11-21 [docs/files]: what is new`.
 *
 * @throws {Error} that names file and line of each entry that is not right.
 */
export function readChanges(file: string, source: string, pages: readonly string[]): Change[] {
  const wrong: string[] = [];
  const changes = source.split("\n").flatMap((line, at): Change[] => {
    if (!line.startsWith("- ")) return [];
    const [, date = "", page = "", text = ""] = ENTRY.exec(line) ?? [];
    if (Number.isNaN(Date.parse(date))) wrong.push(`${file}:${at + 1}: no date, [page] and text: ${line}`);
    else if (!pages.includes(page)) wrong.push(`${file}:${at + 1}: there is no page ${page}`);
    return [{ date, page, text }];
  });
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return changes.toSorted((a, b) => a.date < b.date ? 1 : a.date > b.date ? -1 : 0);
}

/** The feed. */
export function feedXml(
  base: string,
  changes: readonly Change[],
  menu: readonly { readonly page: string; readonly title: string }[],
): string {
  const items = changes.map(({ date, page, text }) => {
    const title = menu.find((entry) => entry.page === page)?.title ?? page;
    return `    <item>
      <title>${escape(title)}</title>
      <link>${escape(new URL(`${page}.html`, base).href)}</link>
      <guid isPermaLink="false">${escape(`${date} ${page} ${text}`)}</guid>
      <pubDate>${new Date(date).toUTCString()}</pubDate>
      <description>${escape(text)}</description>
    </item>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>runner</title>
    <link>${escape(base)}</link>
    <atom:link href="${escape(new URL("feed.xml", base).href)}" rel="self" type="application/rss+xml"/>
    <description>What is new in the documentation of runner</description>
    <language>en</language>
${items.join("")}  </channel>
</rss>
`;
}

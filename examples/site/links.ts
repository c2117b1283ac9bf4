/** The link check: every link between pages leads to a page or file that is there, and to a heading of it. */
import { existsSync } from "node:fs";
import { isOutside, type Outline, resolveLink } from "./markdown.ts";

/**
 * Checks all links and says how many there are.
 *
 * @param note is told of each file that is looked at besides the pages.
 * @throws {Error} that names file and line of each broken link.
 */
export function checkLinks(outlines: readonly Outline[], note: (path: string) => void): string {
  const pages = new Map(outlines.map((outline) => [`${outline.page}.md`, outline]));
  const broken: string[] = [];
  let count = 0;
  for (const { page, links } of outlines) {
    for (const { line, target } of links) {
      if (isOutside(target)) continue;
      count++;
      const { path, anchor } = resolveLink(page, target);
      const other = pages.get(path);
      if (other === undefined) note(path);
      const problem = other === undefined
        ? existsSync(path) ? undefined : `there is no ${path}`
        : anchor === "" || other.headings.some(({ slug }) => slug === anchor)
        ? undefined
        : `${path} has no heading #${anchor}`;
      if (problem !== undefined) broken.push(`${page}.md:${line}: [${target}] leads nowhere: ${problem}`);
    }
  }
  if (broken.length > 0) throw new Error(`broken links: ${broken.length}\n${broken.join("\n")}`);
  return `${count} links`;
}

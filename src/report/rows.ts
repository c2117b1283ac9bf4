/** Rows of texts as lines with aligned columns. Pure. */
import { width } from "./columns.ts";

/** Lines of rows: each column as wide as its widest text, two spaces between; nothing behind the last text of a line. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((text, column) => widths[column] = Math.max(widths[column] ?? 0, width(text)));
  }
  return rows.map((row) =>
    row.map((text, column) => text + " ".repeat(widths[column]! - width(text))).join("  ").trimEnd()
  );
}

/** A graph as a tree of text. Pure. */
import type { Style } from "./style.ts";

/** A node of a tree. */
export interface TreeNode {
  readonly call: string;
  readonly state: "up-to-date" | "wanted" | "failed";
  readonly upstreams: readonly number[];
}

/** The most lines of a tree. */
const MOST_LINES = 2_000;

/** Renders what roots depend on; a node that stands above already is not opened again. */
export function renderTree(nodes: readonly TreeNode[], roots: readonly number[], style: Style): string {
  const marks = {
    "up-to-date": style.good("✓ up to date"),
    "wanted": "· would run",
    "failed": style.bad("✗ failed"),
  };
  const lines: string[] = [];
  const seen = new Set<number>();
  const open: {
    readonly id: number;
    readonly lead: string;
    readonly branch: string;
    readonly inner: string;
  }[] = [];
  const add = (ids: readonly number[], lead: string, root: boolean): void => {
    // The last one first, since the stack gives them back in reverse.
    for (let index = ids.length - 1; index >= 0; index--) {
      const last = index === ids.length - 1;
      open.push({
        id: ids[index]!,
        lead,
        branch: root ? "" : last ? "└─ " : "├─ ",
        inner: root ? "" : last ? "   " : "│  ",
      });
    }
  };
  add([...new Set(roots)], "", true);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (lines.length === MOST_LINES) {
      lines.push(`… (${nodes.length} calls in all; --json lists every one)`);
      break;
    }
    const node = nodes[next.id]!;
    const again = seen.has(next.id) && node.upstreams.length > 0;
    lines.push(
      `${next.lead}${next.branch}${node.call}  ${marks[node.state]}${again ? style.dim(" (see above)") : ""}`,
    );
    if (!again) add(node.upstreams, next.lead + next.inner, false);
    seen.add(next.id);
  }
  return `${lines.join("\n")}\n`;
}

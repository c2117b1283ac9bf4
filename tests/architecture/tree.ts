/** The source tree as the rules see it: files, who imports whom (types included), and the text without comments and strings. */
import { fromFileUrl, rootUrl } from "./places.ts";
import jsTokens from "npm:js-tokens@10.0.0";

/** One import of one file by another; several statements for one file are one edge. */
export interface Edge {
  /** The importing file, as a path from the top folder. */
  readonly from: string;
  /** The imported file, as a path from the top folder, or a specifier such as `node:fs`. */
  readonly to: string;
  /** Nothing but types is imported. */
  readonly typeOnly: boolean;
  /** The import is an `import()`. */
  readonly dynamic: boolean;
  /** Deno does not follow it: `import("…" as string)`. */
  readonly late?: boolean;
}

/** A file of the project. */
export interface SourceFile {
  /** Its path from the top folder, with `/`. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
  /** Its text with comments left out and with the content of strings, templates and patterns left out; lines are kept. */
  readonly code: string;
}

/** What the rules are applied to. */
export interface Tree {
  /** The files that should be reached, and those that are. */
  readonly files: readonly SourceFile[];
  /** Paths of the files that an entry point reaches. */
  readonly reached: ReadonlySet<string>;
  /** The imports among all files that are reached. */
  readonly edges: readonly Edge[];
  /** Files that are imported and cannot be read, with the reason. */
  readonly missing: readonly { readonly path: string; readonly problem: string }[];
}

/** Makes a file from its text. */
export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, code: codeOf(text) };
}

/** A program's text without comments, and without what stands inside strings, templates and patterns. */
export function codeOf(text: string): string {
  let code = "";
  for (const { type, value } of jsTokens(text)) {
    if (type === "StringLiteral") code += '""';
    else if (type === "RegularExpressionLiteral") code += "/ /";
    else if (type.startsWith("Template")) code += `\`${linesOnly(value)}\``;
    else if (type.endsWith("Comment")) code += linesOnly(value) || " ";
    else code += value;
  }
  return code;
}

function linesOnly(text: string): string {
  return text.replaceAll(/[^\n]/g, "");
}

/** What `deno info --json` says of a module, as far as it is used here. */
interface InfoModule {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** Reads the tree: the graph that Deno sees from each entry point, and every TypeScript file in `folders`. */
export async function readTree(entries: readonly string[], folders: readonly string[]): Promise<Tree> {
  const modules = new Map<string, InfoModule>();
  const graphs = await Promise.all(entries.map(moduleGraph));
  for (const module of graphs.flat()) modules.set(pathOf(module.specifier), module);
  const edges = [...modules].flatMap(([from, module]) => [...edgesOf(from, module), ...lateEdges(from)]);
  const missing = [...modules]
    .filter(([path, { error }]) => error !== undefined && !path.includes(":"))
    .map(([path, { error }]) => ({ path, problem: error! }));
  const paths = new Set([...entries, ...folders.flatMap(typeScriptFiles)]);
  const files = [...paths].sort().map((path) =>
    sourceFile(path, Deno.readTextFileSync(new URL(path, rootUrl)))
  );
  return {
    files,
    reached: new Set([...modules.keys()].filter((path) => !path.includes(":"))),
    edges,
    missing,
  };
}

/** A module's URL as a path from the top folder; anything outside stays as it is. */
function pathOf(specifier: string): string {
  return specifier.startsWith(rootUrl.href) ? specifier.slice(rootUrl.href.length) : specifier;
}

function edgesOf(from: string, module: InfoModule): Edge[] {
  return (module.dependencies ?? []).flatMap(({ code, type, isDynamic = false }) => {
    const to = code?.specifier ?? type?.specifier;
    const edge = { from, to: pathOf(to ?? ""), typeOnly: code === undefined, dynamic: isDynamic };
    const alsoType = type?.specifier !== undefined && type.specifier !== to;
    const types = alsoType ? [{ from, to: pathOf(type.specifier!), typeOnly: true, dynamic: false }] : [];
    return to === undefined ? types : [edge, ...types];
  });
}

/** What a file imports by `import("…" as string)`, which Deno does not follow. */
function lateEdges(from: string): Edge[] {
  if (from.includes(":")) return [];
  const text = Deno.readTextFileSync(new URL(from, rootUrl));
  return [...text.matchAll(/\bimport\(\s*"((?:\.|npm:)[^"]+)" as string,?\s*\)/g)].map(
    ([, specifier = ""]) => {
      const to = specifier.startsWith(".")
        ? pathOf(new URL(specifier, new URL(from, rootUrl)).href)
        : specifier;
      return { from, to, typeOnly: false, dynamic: true, late: true };
    },
  );
}

async function moduleGraph(entry: string): Promise<readonly InfoModule[]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", entry],
    cwd: fromFileUrl(rootUrl),
  });
  const { stdout, stderr, success } = await command.output();
  if (!success) throw new Error(`deno info ${entry} failed: ${new TextDecoder().decode(stderr)}`);
  return (JSON.parse(new TextDecoder().decode(stdout)) as { readonly modules: readonly InfoModule[] })
    .modules;
}

/** Every TypeScript file in a folder of the project. */
function typeScriptFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, rootUrl))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return typeScriptFiles(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/**
 * The graph of what code refers to: statements, imported names, files. A task's code is what can be reached
 * from its definition. Nodes are made when they are first asked for, so only files that matter are read.
 */
import { hash } from "node:crypto";
import type { SourceFile } from "../../model/source.ts";
import type { CodeAnalysis, TaskSource } from "./analysis.ts";
import { type Range, type View, write } from "./canonical.ts";
import type { Binding, Link } from "./imports.ts";
import { type Module, parseModule, statementLabel } from "./module.ts";
import type { Span } from "./spans.ts";
import type { Statement } from "./statements.ts";
import { isPunct, isWord } from "./tokens.ts";

/** Where sources come from. */
export interface ModuleReader {
  /** URL of what `specifier` means in the module `from`, or undefined when that is not a local file. */
  resolve(specifier: string, from: string): string | undefined;
  /** The bytes of a local file, or undefined when it cannot be read. */
  read(url: string): Uint8Array | undefined;
}

/** Where sources come from, and what knows about the code in them: from its own memory where it can. */
export interface SourceReader extends ModuleReader {
  /** `tasks` are all tasks of the run. */
  analyse(tasks: readonly TaskSource[]): CodeAnalysis;
  /** Files as they were read, by their URLs; those that were not are left out. */
  asRead(urls: readonly string[]): readonly SourceFile[];
  /** The paths of those that were changed after this program had begun: it may have loaded another text than was read. */
  edited(urls: readonly string[]): readonly string[];
}

/** Something that code can refer to. */
export interface Node {
  /** Tells nodes apart within one graph. */
  readonly id: number;
  /** The file it belongs to. */
  readonly url: string;
  /** What to call it within its file; empty for the file as such. */
  readonly label: string;
  /** SHA-256 of its text or bytes; undefined for a node that only stands for others. */
  readonly digest: string | undefined;
  /** Its place among the statements of its file when the order matters, else undefined. */
  readonly order: number | undefined;
  /** What it refers to. */
  edges(): readonly Node[];
}

/** The definitions in a module: by opening parenthesis, and the outermost of each statement. */
export interface ModuleSpans {
  readonly byOpen: ReadonlyMap<number, Span>;
  readonly byStatement: ReadonlyMap<number, readonly Span[]>;
}

/** A file's SHA-256 in hex. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

const CODE = /\.[cm]?[jt]sx?$/i;
const NO_SPANS: ModuleSpans = { byOpen: new Map(), byStatement: new Map() };

/** Reads modules and makes nodes. `spansOf` tells which calls in a module define tasks. */
export class Graph {
  readonly #reader: ModuleReader;
  readonly #spansOf: (module: Module) => ModuleSpans;
  readonly #modules = new Map<string, Module | undefined>();
  readonly #nodes = new Map<string, Node>();
  readonly #closures = new Map<string, readonly Node[]>();
  readonly #read = new Set<string>();

  constructor(reader: ModuleReader, spansOf: (module: Module) => ModuleSpans = () => NO_SPANS) {
    this.#reader = reader;
    this.#spansOf = spansOf;
  }

  /** URLs of the files read so far. */
  get files(): ReadonlySet<string> {
    return this.#read;
  }

  /** The module at `url`; undefined when it is no code or cannot be read. */
  module(url: string): Module | undefined {
    if (this.#modules.has(url)) return this.#modules.get(url);
    const bytes = isCode(url) ? this.#load(url) : undefined;
    const module = bytes && parseModule(url, new TextDecoder().decode(bytes));
    this.#modules.set(url, module);
    return module;
  }

  /** A statement, with a hole for each task that it defines. */
  statement(module: Module, statement: Statement): Node {
    if (module.raw !== undefined) return this.#raw(module);
    return this.#node(`s${statement.index} ${module.url}`, () => {
      const holes = this.#spansOf(module).byStatement.get(statement.index) ?? [];
      const view = write(module.lexed, statement, holes);
      const movable = statement.movable || definesOnly(module, statement, holes);
      return {
        url: module.url,
        label: statementLabel(module, statement),
        digest: sha256(view.text),
        order: movable ? undefined : statement.index,
        edges: () => this.references(module, view),
      };
    });
  }

  /** What the names and specifiers in a text of `module` stand for. */
  references(module: Module, view: View): Node[] {
    const nodes: Node[] = [];
    for (const name of view.names) nodes.push(...this.#lookup(module, name));
    for (const specifier of view.specifiers) nodes.push(...this.#file(module, specifier));
    return nodes;
  }

  /** What happens whenever a module is loaded: its statements that declare nothing, and its imports' ones. */
  effects(module: Module): Node {
    if (module.raw !== undefined) return this.#raw(module);
    return this.#joint(`effects ${module.url}`, module, () => {
      const spans = this.#spansOf(module).byStatement;
      const nodes: Node[] = [];
      for (const statement of module.statements) {
        const link = module.links.get(statement.index);
        if (link !== undefined) nodes.push(...this.#link(module, statement, link));
        else if (statement.form === "code" && statement.names.length === 0 && !statement.mainOnly) {
          const holes = spans.get(statement.index) ?? [];
          if (!definesOnly(module, statement, holes)) nodes.push(this.statement(module, statement));
        }
      }
      return nodes;
    });
  }

  /** All of a module. */
  whole(module: Module): Node {
    if (module.raw !== undefined) return this.#raw(module);
    return this.#joint(`whole ${module.url}`, module, () => {
      const nodes = [this.effects(module)];
      for (const statement of module.statements) {
        if (statement.form === "code" && !statement.mainOnly) nodes.push(this.statement(module, statement));
      }
      for (const name of module.exports.keys()) nodes.push(...this.#exported(module, name, new Set()) ?? []);
      for (const link of module.links.values()) {
        if (link.star) nodes.push(this.#star(module, link), ...this.#file(module, link.specifier));
      }
      return nodes;
    });
  }

  /** All that can be reached from `roots`, themselves included; nodes without a text left out. */
  closure(roots: readonly Node[]): readonly Node[] {
    const unique = [...new Set(roots)].sort((a, b) => a.id - b.id);
    const key = unique.map((node) => node.id).join();
    let reached = this.#closures.get(key);
    if (reached === undefined) {
      const seen = new Set(unique);
      for (const node of seen) for (const next of node.edges()) seen.add(next);
      reached = [...seen].filter((node) => node.digest !== undefined);
      this.#closures.set(key, reached);
    }
    return reached;
  }

  #link(module: Module, statement: Statement, link: Link): Node[] {
    const nodes: Node[] = [];
    if (link.whole) {
      const { text } = write(module.lexed, statement);
      nodes.push(
        this.#text(module, `(import) ${link.specifier}`, text),
        ...this.#file(module, link.specifier, link),
      );
    }
    const target = this.#target(module, link);
    if (target !== undefined) nodes.push(this.effects(target));
    return nodes;
  }

  #lookup(module: Module, name: string): Node[] {
    if (module.raw !== undefined) return [this.#raw(module)];
    const nodes = (module.declared.get(name) ?? []).map((statement) => this.statement(module, statement));
    const binding = module.imports.get(name);
    if (binding !== undefined) nodes.push(this.#binding(module, "import", binding));
    return nodes;
  }

  #binding(module: Module, word: "import" | "export", binding: Binding): Node {
    const { local, imported, specifier, attributes } = binding;
    const label = word === "import" ? local : `export ${local}`;
    return this.#text(module, label, [word, imported, local, specifier, attributes].join("\0"), () => {
      const target = this.#target(module, binding);
      if (target === undefined || imported === "*") return this.#file(module, specifier, binding);
      const nodes = this.#exported(target, imported, new Set()) ?? [this.whole(target)];
      return [this.effects(target), ...nodes];
    });
  }

  /** What `name` of a module stands for; undefined when it exports no such name. */
  #exported(module: Module, name: string, seen: Set<Module>): Node[] | undefined {
    if (module.raw !== undefined) return [this.#raw(module)];
    if (seen.has(module)) return undefined;
    seen.add(module);
    const found = module.exports.get(name);
    if (found !== undefined && "binding" in found) return [this.#binding(module, "export", found.binding)];
    if (found !== undefined) {
      const nodes = this.#lookup(module, found.local);
      if (nodes.length === 0 && !module.types.has(found.local)) return undefined;
      return [this.#text(module, `export ${name}`, ["export", found.local, name].join("\0")), ...nodes];
    }
    if (module.types.has(name)) return [];
    const nodes: Node[] = [];
    let some = false;
    for (const link of module.links.values()) {
      if (!link.star || name === "default") continue;
      const target = this.#target(module, link);
      const inner = target && this.#exported(target, name, seen);
      if (target !== undefined && inner === undefined) continue;
      some = true;
      nodes.push(
        this.#text(module, `export * ${link.specifier}`, `export\0*\0${link.specifier}`),
        ...inner ?? [],
      );
      if (target !== undefined) nodes.push(this.effects(target));
    }
    return some ? nodes : undefined;
  }

  #star(module: Module, { specifier }: Link): Node {
    return this.#text(module, `export * ${specifier}`, `export\0*\0${specifier}`);
  }

  /** The module that an import without attributes means, when it is local code. */
  #target(
    from: Module,
    { specifier, attributes }: { specifier: string; attributes: string },
  ): Module | undefined {
    const url = attributes === "" ? this.#reader.resolve(specifier, from.url) : undefined;
    return url === undefined ? undefined : this.module(url);
  }

  /** All of the file that `specifier` means; nothing when that is not local. */
  #file(
    from: Module,
    specifier: string,
    { attributes }: { attributes: string } = { attributes: "" },
  ): Node[] {
    const url = this.#reader.resolve(specifier, from.url);
    if (url === undefined || url.endsWith("/")) return [];
    const module = attributes === "" ? this.module(url) : undefined;
    if (module !== undefined) return [this.whole(module)];
    return [this.#node(`data ${url}`, () => {
      const bytes = this.#load(url);
      const digest = bytes === undefined ? sha256("\0missing") : sha256(bytes);
      return { url, label: "", digest, order: undefined, edges: () => [] };
    })];
  }

  #raw(module: Module): Node {
    return this.#node(`raw ${module.url}`, () => ({
      url: module.url,
      label: "",
      digest: sha256(this.#load(module.url) ?? module.lexed.source),
      order: undefined,
      edges: () => (module.raw ?? []).flatMap((specifier) => this.#file(module, specifier)),
    }));
  }

  #text(module: Module, label: string, text: string, edges: () => readonly Node[] = () => []): Node {
    const make = () => ({ url: module.url, label, digest: sha256(text), order: undefined, edges });
    return this.#node(`text ${module.url} ${label}\0${text}`, make);
  }

  #joint(key: string, module: Module, edges: () => readonly Node[]): Node {
    return this.#node(
      key,
      () => ({ url: module.url, label: "", digest: undefined, order: undefined, edges }),
    );
  }

  #node(key: string, make: () => Omit<Node, "id">): Node {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      const made = make();
      let edges: readonly Node[] | undefined;
      node = { ...made, id: this.#nodes.size, edges: () => edges ??= made.edges() };
      this.#nodes.set(key, node);
    }
    return node;
  }

  #load(url: string): Uint8Array | undefined {
    const bytes = this.#reader.read(url);
    if (bytes !== undefined) this.#read.add(url);
    return bytes;
  }
}

function isCode(url: string): boolean {
  return CODE.test(url.replace(/[?#].*$/s, ""));
}

/** Whether a statement does nothing but define one task: `task(…)`, `const x = task(…)`, `export default task(…)`. */
function definesOnly(
  { lexed: { tokens } }: Module,
  statement: Statement & Range,
  holes: readonly Span[],
): boolean {
  const [span] = holes;
  if (span === undefined || span.to !== statement.to) return false;
  if (statement.names.length === 0) return span.call.callee === statement.from;
  const before = tokens[span.call.callee - 1];
  return statement.names.length === 1 && (isPunct(before, "=") || isWord(before, "default"));
}

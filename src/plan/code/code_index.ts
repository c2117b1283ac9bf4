/**
 * The code digest of a task: a hash of its definition and of all local code and files that it can reach.
 *
 * Comments, formatting, and code that the task does not use do not count; in doubt code counts. What a task
 * reaches of other tasks is only that they are there: their definitions are left out, since an upstream that
 * gives another result is seen by that result.
 */
import type { CodeAnalysis, SourceFrame, TaskSource } from "./analysis.ts";
import { type Hole, type View, write } from "./canonical.ts";
import { type InputField, inputFields } from "./fields.ts";
import { Graph, type ModuleReader, type ModuleSpans, type Node, sha256 } from "./graph.ts";
import { Loads } from "./loads.ts";
import { type Module, statementAt } from "./module.ts";
import { type Call, callAt, nestSpans, returnsCall, type Span, tokenAt } from "./spans.ts";
import type { Statement } from "./statements.ts";
import { idleOptions } from "./options.ts";
import { lex } from "./tokens.ts";

/** Where one frame of a task points. */
interface Place {
  readonly module: Module;
  readonly statement: Statement;
  /** Index of the token it points at. */
  readonly at: number;
  readonly call: Call | undefined;
}

interface Part {
  readonly label: string;
  readonly digest: string;
  readonly order: number | undefined;
}

/** Digests of the code of a set of tasks. Reads each file once; made anew when files have changed. */
export class CodeIndex implements CodeAnalysis {
  readonly #graph: Graph;
  readonly #loads: Loads;
  readonly #tasks: readonly TaskSource[];
  readonly #spans = new Map<Module, ModuleSpans>();
  readonly #views = new Map<Span, View>();
  readonly #parts = new WeakMap<TaskSource, ReadonlyMap<string, string>>();
  readonly #late = new WeakMap<TaskSource, readonly string[]>();
  readonly #places = new Map<string, Place | undefined>();
  readonly #summaries = new WeakMap<readonly Node[], Map<string, string>>();
  #byModule: Map<string, [TaskSource, number][]> | undefined;

  /** `tasks` are all tasks of the run: only then are their definitions left out of each other's code. */
  constructor(reader: ModuleReader, tasks: readonly TaskSource[]) {
    this.#graph = new Graph(reader, (module) => this.#spansOf(module));
    this.#loads = new Loads(this.#graph, reader);
    this.#tasks = tasks;
  }

  /** URLs of the files read so far. */
  files(): ReadonlySet<string> {
    return this.#graph.files;
  }

  /** SHA-256 in hex of the task's code; depends on no absolute path when the code lies below one folder. */
  digest(task: TaskSource): string {
    return sha256([...this.parts(task)].flat().join("\0"));
  }

  /**
   * Digests of what the task's code consists of: `pipeline.ts#helper` for statements of the modules that define
   * it, `lib.ts` for other files. The order of entries counts too, where statements run in order.
   */
  parts(task: TaskSource): ReadonlyMap<string, string> {
    let parts = this.#parts.get(task);
    if (parts === undefined) {
      parts = this.#compute(task);
      this.#parts.set(task, parts);
    }
    return parts;
  }

  late(task: TaskSource): readonly string[] {
    this.parts(task);
    return this.#late.get(task) ?? [];
  }

  loads(module: string): readonly string[] {
    return [...this.#loads.with(module)];
  }

  /** The fields of the task's input, when its source tells them. */
  fields(task: TaskSource): readonly InputField[] | undefined {
    const place = task.frames[0] && this.#place(task.frames[0]);
    return place?.call && inputFields(place.module, place.statement, place.call);
  }

  #compute(task: TaskSource): ReadonlyMap<string, string> {
    const places = task.frames.map((frame) => this.#place(frame));
    const own = new Map<Node, string[]>();
    const roots: Node[] = [];
    let complete = places[0] !== undefined;
    for (const [index, place] of places.entries()) {
      if (place === undefined) continue;
      const { module, statement, call } = place;
      const node = this.#graph.statement(module, statement);
      roots.push(node, this.#graph.effects(module));
      if (index === 0 && (call === undefined || statement.form !== "code")) complete = false;
      const texts = own.get(node) ?? [];
      own.set(node, texts);
      for (let span = this.#spanOf(place); span !== undefined; span = span.parent) {
        const view = this.#view(module, span);
        texts.push(view.text);
        roots.push(...this.#graph.references(module, view));
      }
    }
    for (const [index, frame] of task.frames.entries()) {
      const module = places[index] === undefined ? this.#graph.module(frame.module) : undefined;
      if (module !== undefined) roots.push(this.#graph.whole(module));
    }
    const parts = new Map<string, string>();
    if (!complete) {
      const lexed = lex(task.fallback);
      const text = lexed.sound ? write(lexed, { from: 0, to: lexed.tokens.length }).text : task.fallback;
      parts.set("run", sha256(text));
    }
    const modules = places.flatMap((place) => place?.module.url ?? []);
    const base = modules.at(-1) ?? task.frames.at(-1)?.module ?? "";
    const reached = this.#graph.closure(roots);
    this.#late.set(task, this.#lateOf(task, reached));
    for (const part of this.#arrange(reached, own, new Set(modules), base)) {
      let label = part.label;
      for (let count = 2; parts.has(label); count++) label = `${part.label}~${count}`;
      parts.set(label, part.digest);
    }
    return parts;
  }

  /** The files among those that a task reaches which are not loaded with its modules. */
  #lateOf({ frames }: TaskSource, reached: readonly Node[]): readonly string[] {
    const loaded = frames.map(({ module }) => this.#loads.with(module));
    return [...new Set(reached.map(({ url }) => url))].filter((url) =>
      this.#graph.files.has(url) && !loaded.some((files) => files.has(url))
    );
  }

  /** Parts in an order that says nothing but in what order the code runs. */
  #arrange(
    nodes: readonly Node[],
    own: ReadonlyMap<Node, string[]>,
    modules: ReadonlySet<string>,
    base: string,
  ) {
    let summaries = this.#summaries.get(nodes);
    if (summaries === undefined) this.#summaries.set(nodes, summaries = new Map());
    const byFile = Map.groupBy(nodes, (node) => node.url);
    const files = [...byFile].map(([url, members]) => ({ url, members, name: relativePath(base, url) }));
    files.sort((a, b) => Number(b.url === base) - Number(a.url === base) || compare(a.name, b.name));
    const parts: Part[] = [];
    for (const { url, members, name } of files) {
      if (modules.has(url)) {
        parts.push(...inOrder(members.map((node) => {
          const texts = own.get(node);
          const digest = texts?.length ? sha256([node.digest, ...texts].join("\0\0")) : node.digest ?? "";
          return { label: node.label === "" ? name : `${name}#${node.label}`, digest, order: node.order };
        })));
        continue;
      }
      let digest = summaries.get(url);
      if (digest === undefined) {
        const all = inOrder(members.map(({ label, digest = "", order }) => ({ label, digest, order })));
        digest = sha256(all.map((part) => `${part.order === undefined ? "" : "+"}${part.digest}`).join());
        summaries.set(url, digest);
      }
      parts.push({ label: name, digest, order: undefined });
    }
    return parts;
  }

  /** The definition that a place is, or lies in. */
  #spanOf({ module, statement, at, call }: Place): Span | undefined {
    const { byOpen, byStatement } = this.#spansOf(module);
    let found = call && byOpen.get(call.open);
    if (found !== undefined) return found;
    let inside = byStatement.get(statement.index) ?? [];
    for (;;) {
      const next = inside.find((span) => span.from <= at && at < span.to);
      if (next === undefined) return found;
      found = next;
      inside = next.children;
    }
  }

  /** What stands in a span, with holes for the definitions inside it. */
  #view(module: Module, span: Span): View {
    let view = this.#views.get(span);
    if (view === undefined) {
      const holes = [...span.children, ...idleOptions(module.lexed, span)].sort((a, b) => a.from - b.from);
      this.#views.set(span, view = write(module.lexed, span, joined(holes)));
    }
    return view;
  }

  #place({ module: url, line, column }: SourceFrame): Place | undefined {
    const key = `${line}:${column}:${url}`;
    if (this.#places.has(key)) return this.#places.get(key);
    const module = this.#graph.module(url);
    const place = module && placeOf(module, line, column);
    this.#places.set(key, place);
    return place;
  }

  #spansOf(module: Module): ModuleSpans {
    let spans = this.#spans.get(module);
    if (spans === undefined) {
      const byOpen = nestSpans(module.lexed, this.#definingCalls(module));
      const byStatement = new Map<number, Span[]>();
      for (const span of byOpen.values()) {
        const statement = span.parent === undefined ? statementAt(module, span.from) : undefined;
        if (statement === undefined) continue;
        const others = byStatement.get(statement.index);
        if (others === undefined) byStatement.set(statement.index, [span]);
        else others.push(span);
      }
      spans = { byOpen, byStatement };
      this.#spans.set(module, spans);
    }
    return spans;
  }

  /** The calls in a module that give a task and nothing else. */
  *#definingCalls(module: Module): Iterable<Call> {
    if (this.#byModule === undefined) {
      this.#byModule = new Map();
      for (const task of this.#tasks) {
        for (const [index, frame] of task.frames.entries()) {
          const others = this.#byModule.get(frame.module);
          if (others === undefined) this.#byModule.set(frame.module, [[task, index]]);
          else others.push([task, index]);
        }
      }
    }
    for (const [task, index] of this.#byModule.get(module.url) ?? []) {
      const frame = task.frames[index];
      const call = frame && this.#place(frame)?.call;
      if (call !== undefined && this.#givesTask(task, index)) yield call;
    }
  }

  /** Whether the call of frame `index` returns the task itself: each function in between returns the inner call. */
  #givesTask(task: TaskSource, index: number): boolean {
    for (let inner = 0; inner < index; inner++) {
      const inside = task.frames[inner], outside = task.frames[inner + 1];
      const place = inside && this.#place(inside), around = outside && this.#place(outside);
      if (place?.call === undefined || around?.call === undefined) return false;
      if (!returnsCall(place.module.lexed, place.statement, place.call, around.call.name)) return false;
    }
    return true;
  }
}

/** Holes that overlap by a comma, as one. */
function joined(holes: readonly Hole[]): readonly Hole[] {
  const apart: Hole[] = [];
  for (const hole of holes) {
    const last = apart.at(-1);
    if (last?.silent && hole.silent && hole.from < last.to) {
      apart[apart.length - 1] = { ...last, to: hole.to };
    } else apart.push(hole);
  }
  return apart;
}

function placeOf(module: Module, line: number, column: number): Place | undefined {
  const { lexed, raw } = module;
  if (raw !== undefined) {
    const none = { names: [], types: [], exported: false, movable: true, mainOnly: false };
    const statement: Statement = { ...none, from: 0, to: 0, index: 0, form: "code" };
    return { module, statement, at: 0, call: undefined };
  }
  const at = tokenAt(lexed.tokens, line, column);
  const statement = statementAt(module, at);
  if (statement === undefined) return undefined;
  const call = callAt(lexed, line, column);
  return { module, statement, at, call: call && call.close < statement.to ? call : undefined };
}

/** What can move first, by its digest, then the rest as it stands. */
function inOrder(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) =>
    (a.order ?? -1) - (b.order ?? -1) || compare(a.label, b.label) || compare(a.digest, b.digest)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The path from the folder of `base` to `url`; the whole URL when they have no root in common. */
function relativePath(base: string, url: string): string {
  const from = split(base), to = split(url);
  if (from.root !== to.root) return url;
  let same = 0;
  while (same < from.path.length - 1 && same < to.path.length - 1 && from.path[same] === to.path[same]) {
    same++;
  }
  return [...from.path.slice(same + 1).fill(".."), ...to.path.slice(same)].join("/");
}

function split(url: string): { root: string; path: string[] } {
  const [, root = "", path = ""] = /^([a-z][a-z+.-]*:(?:\/\/[^/?#]*)?)?\/?([^?#]*)/i.exec(url) ?? [];
  return { root, path: path.split("/") };
}

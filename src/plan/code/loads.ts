/** What is loaded with a module, as opposed to what its code may load or read later: by `import()`, or by a URL. */
import type { Graph, ModuleReader } from "./graph.ts";

/** What is loaded with each module, worked out again only when more files have been read. */
export class Loads {
  private readonly known = new Map<string, ReadonlySet<string>>();
  private count = 0;

  constructor(
    private readonly graph: Pick<Graph, "files" | "module">,
    private readonly reader: Pick<ModuleReader, "resolve">,
  ) {}

  /** URLs of the files that are loaded with a module, itself included, among those that were read. */
  with(module: string): ReadonlySet<string> {
    if (this.count !== this.graph.files.size) this.known.clear();
    this.count = this.graph.files.size;
    let loaded = this.known.get(module);
    if (loaded === undefined) this.known.set(module, loaded = loadedWith(module, this.graph, this.reader));
    return loaded;
  }
}

/** URLs of the files that are loaded with the module at `url`, itself included, among those that were read. */
function loadedWith(
  url: string,
  graph: Pick<Graph, "files" | "module">,
  reader: Pick<ModuleReader, "resolve">,
): ReadonlySet<string> {
  const { files } = graph;
  const loaded = new Set(files.has(url) ? [url] : []);
  for (const one of loaded) {
    const module = graph.module(one);
    // Where the text was not understood, nobody knows which of them are imports: all are, in doubt.
    const specifiers = module?.raw ?? [...module?.links.values() ?? []].map(({ specifier }) => specifier);
    for (const specifier of specifiers) {
      const target = reader.resolve(specifier, one);
      if (target !== undefined && files.has(target)) loaded.add(target);
    }
  }
  return loaded;
}

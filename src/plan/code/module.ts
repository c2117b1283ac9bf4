/** Everything that is known about one module from its text alone. */
import { type Binding, type Link, readExportList, readLink } from "./imports.ts";
import { splitStatements, type Statement } from "./statements.ts";
import { isWord, lex, type Lexed } from "./tokens.ts";

/** What an exported name stands for: a name of the module, or one of another module. */
export type Export = { readonly local: string } | { readonly binding: Binding };

/** A parsed module. */
export interface Module {
  readonly url: string;
  readonly lexed: Lexed;
  readonly statements: readonly Statement[];
  /** The statements that declare a name. */
  readonly declared: ReadonlyMap<string, readonly Statement[]>;
  /** Imported names. */
  readonly imports: ReadonlyMap<string, Binding>;
  readonly exports: ReadonlyMap<string, Export>;
  /** Names that stand for types only, or for types too. */
  readonly types: ReadonlySet<string>;
  /** Its import and re-export statements, by index of the statement. */
  readonly links: ReadonlyMap<number, Link>;
  /** When the text was not understood: every specifier that it may contain. The other tables are empty then. */
  readonly raw: readonly string[] | undefined;
}

/** Parses a module. Never throws: a text that is not understood gives a `raw` module. */
export function parseModule(url: string, source: string): Module {
  const lexed = lex(source, url);
  const declared = new Map<string, Statement[]>();
  const imports = new Map<string, Binding>();
  const exports = new Map<string, Export>();
  const types = new Set<string>();
  const links = new Map<number, Link>();
  const module = { url, lexed, declared, imports, exports, types, links };
  if (!lexed.sound) return { ...module, statements: [], raw: rawSpecifiers(source) };
  const statements = splitStatements(lexed);
  for (const statement of statements) {
    for (const name of statement.names) {
      const others = declared.get(name);
      if (others === undefined) declared.set(name, [statement]);
      else if (!others.includes(statement)) others.push(statement);
      if (statement.exported) exports.set(name, { local: name });
    }
    for (const name of statement.types) types.add(name);
    if (statement.form === "import") {
      const link = readLink(lexed, statement);
      links.set(statement.index, link);
      for (const binding of link.bindings) imports.set(binding.local, binding);
    } else if (statement.form === "reexport") {
      const link = readLink(lexed, statement);
      links.set(statement.index, link);
      for (const binding of link.bindings) exports.set(binding.local, { binding });
    } else if (statement.form === "list") {
      for (const { local, exported } of readExportList(lexed, statement)) exports.set(exported, { local });
    }
  }
  return { ...module, statements, raw: undefined };
}

/** The statement that holds the token at `index`. */
export function statementAt({ statements }: Module, index: number): Statement | undefined {
  let low = 0, high = statements.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const statement = statements[middle];
    if (statement === undefined) return undefined;
    if (index < statement.from) high = middle - 1;
    else if (index >= statement.to) low = middle + 1;
    else return statement;
  }
  return undefined;
}

/** How to call a statement in an explanation: by what it declares. */
export function statementLabel({ lexed }: Module, statement: Statement): string {
  const first = statement.names.find((name) => name !== "default") ?? statement.names[0];
  if (first !== undefined) return first;
  return isWord(lexed.tokens[statement.from], "import") ? "(import)" : "(top level)";
}

function rawSpecifiers(source: string): readonly string[] {
  const found = new Set<string>();
  const named = /\b(?:from|import|require|URL|resolve)\s*\(?\s*(["'`])([^"'`\r\n]+)\1/g;
  const local = /(["'`])(\.\.?\/[^"'`\r\n]*)\1/g;
  for (const match of source.matchAll(named)) found.add(match[2] ?? "");
  for (const match of source.matchAll(local)) found.add(match[2] ?? "");
  return [...found];
}

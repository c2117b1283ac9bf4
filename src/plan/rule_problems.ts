/** What can be said against rules of files before any of them is looked at. Pure. */
import { type FileRules, type InputRule, type OutputRule, plainPath } from "../model/files.ts";
import { isPattern } from "./patterns.ts";

/**
 * Why rules make no sense; `undefined` when there is nothing against them.
 *
 * @param shown gives the one spelling of a path.
 */
export function ruleProblem(rules: FileRules, shown: (path: string) => string): string | undefined {
  const { inputs, outputs, ignore, plain } = rules;
  if (plain) {
    if (inputs.length === 0 || outputs.length === 0) return undefined;
    return bothProblem(inputs.map(plainPath), outputs.map(plainPath));
  }
  const [read, written] = [textsOf(inputs), textsOf(outputs)];
  return emptyProblem("inputs", inputs.length, read) ?? emptyProblem("outputs", outputs.length, written) ??
    openProblem("inputs", read) ?? openProblem("outputs", written) ?? openProblem("inputsIgnore", ignore) ??
    bothProblem(read.map(shown), written.map(shown));
}

function textsOf(rules: readonly (InputRule | OutputRule)[]): string[] {
  return rules.flatMap((rule) => typeof rule === "string" ? [rule] : "path" in rule ? [rule.path] : []);
}

/** Rules that only leave out. */
function emptyProblem(option: string, count: number, texts: readonly string[]): string | undefined {
  if (count === 0 || texts.length < count || texts.some((text) => !text.startsWith("!"))) return undefined;
  return `\`${option}\` only leave files out (${
    texts.join(", ")
  }), so there are none: say first which files are meant`;
}

/** A bracket that is never closed: as a pattern it fits nothing. */
function openProblem(option: string, texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const open = isPattern(text) ? openBracket(text) : undefined;
    if (open !== undefined) {
      return `\`${option}\` hold ${
        JSON.stringify(text)
      }, whose "${open}" is never closed; a file that is called so ` +
        "is named by regexFiles(folder, pattern)";
    }
  }
  return undefined;
}

function openBracket(text: string): string | undefined {
  let braces = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") braces++;
    else if (text[at] === "}") braces--;
    else if (text[at] === "[") {
      // Right after it, or after what turns it around, a bracket is a letter like others.
      const close = text.indexOf("]", at + (/[!^]/.test(text[at + 1] ?? "") ? 3 : 2));
      if (close === -1 || text.slice(at, close).includes("/")) return "[";
      at = close;
    }
  }
  return braces > 0 ? "{" : undefined;
}

/** What a task both reads and writes: it would change its own input each time it runs. */
function bothProblem(read: readonly string[], written: readonly string[]): string | undefined {
  if (read.length === 0 || written.length === 0) return undefined;
  const all = written.length > 4 ? new Set(written) : undefined;
  const both = read.find((path) => !path.startsWith("!") && (all?.has(path) ?? written.includes(path)));
  if (both === undefined) return undefined;
  return `${both} is among its \`inputs\` and its \`outputs\`: what it writes would change what it reads, so it would ` +
    "never be up to date; let it write another file, or take it out of `inputs`, with " +
    `output(${
      JSON.stringify(both)
    }, { precious: true }) among its \`outputs\` if it goes on from what is there`;
}

/** Why a pipeline did not load, for people: the user's file and line, not the loader's stack. */
import { dirname, resolve } from "node:path";
import { readableFrame, readableModule, stackFrames, userFrames } from "../model/source.ts";
import { isStandalone } from "../runtime/runtime.ts";
import { errorText } from "./errors.ts";

/** Describes what `import()` of a pipeline threw. */
export function loadProblem(path: string, url: string, error: unknown): string {
  const head = `${path} does not load: `;
  if (typeof error !== "object" || error === null) {
    return `${head}it throws ${String(error)}, which is no error`;
  }
  // Bun tells of faults in the source by messages with a position, several of them in one error.
  const [first = error] = (error as { errors?: readonly object[] }).errors ?? [];
  const { message, position } = first as {
    message?: string;
    position?: { file?: string; line?: number; column?: number } | null;
  };
  if (typeof position?.line === "number") {
    const place = `${readableModule(position.file || url)}:${position.line}:${position.column ?? 1}`;
    return `${head}${
      (first as Error).name === "BuildMessage" ? "SyntaxError: " : ""
    }${message}\n    at ${place}`;
  }
  return head + (error instanceof Error ? problemOf(error) : message ?? String(error));
}

/** The modules that are not there, as a problem names them: absolute paths. */
export function missingModules(problem: string): string[] {
  const absent = [...problem.matchAll(/Module not found "(\/[^"]+|[A-Za-z]:[^"]+)"/g)].map((match) =>
    match[1]!
  );
  for (
    const [, specifier, from] of problem.matchAll(
      /Cannot find module ["'](\.[^"']+)["'] (?:imported )?from ["']?([^"'\n]+)/g,
    )
  ) {
    absent.push(resolve(dirname(from!), specifier!));
  }
  return absent;
}

function problemOf(error: Error): string {
  if (error.name === "DefinitionError") return error.message;
  const said = saidPlace(error.message);
  if (said === undefined) {
    return userFrames(error.stack).length > 0 ? errorText(error) : nameAnd(error, error.message);
  }
  return `${nameAnd(error, said.text)}\n    at ${said.place}`;
}

/** Deno's loader writes the place at the end of its message. */
function saidPlace(message: string): { readonly text: string; readonly place: string } | undefined {
  const match = /\s+at (\S+:\d+:\d+)\s*$/.exec(message);
  const [frame] = stackFrames(match === null ? "" : `at ${match[1]}`);
  return frame === undefined
    ? undefined
    : { text: message.slice(0, match!.index), place: readableFrame(frame) };
}

/** What Bun says of what Deno would fetch, and what to do about it. */
function unfetchedText(text: string): string | undefined {
  const [, specifier] =
    /^(?:BuildMessage: )?(?:Cannot find package|ENOENT reading) ["']((?:npm|jsr|https?):[^"']*)/
      .exec(text) ?? [];
  if (specifier === undefined) return undefined;
  const [, name, version = ""] = /^npm:\/?((?:@[^/]+\/)?[^/@]+)(@[^/]+)?/.exec(specifier) ?? [];
  const install = name !== undefined
    ? `\`npm install ${name}${version}\` in the pipeline's folder, and import it as "${name}"`
    : specifier.startsWith("jsr:")
    ? "`npx jsr add …` in the pipeline's folder, and import it by its bare name"
    : "download it, and import the file";
  return `${text}\n    ${
    isStandalone() ? "this executable, which Bun has made," : "Bun"
  } fetches nothing that is imported: ${install}; or run the pipeline by Deno, which does`;
}

/** The message, after the error's class where that tells something. */
function nameAnd(error: Error, message: string): string {
  const text = message.replaceAll(/file:\/\/[^\s"'()]+/g, (place) => readableModule(place))
    .replace(
      /\n\s*hint: If you want to use the npm package, try running `deno add npm:(.*?)`/,
      '\n    if it is an npm package, name it with its version: "npm:$1@1.0.0"',
    );
  const unfetched = unfetchedText(text);
  if (unfetched !== undefined) return unfetched;
  const own =
    /^(SyntaxError: |Module not found|Relative import|Unable to load|Import |npm package|Cannot find )/;
  return error.name === "Error" || own.test(text) ? text : `${error.name}: ${text}`;
}

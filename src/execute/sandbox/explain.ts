/** What a refused permission is to whoever wrote the task: which one it was, and what to declare. Pure. */
import { isAbsolute, relative, resolve } from "node:path";
import { covers, type Denied, isWithin } from "./flags.ts";

/** What is known of the task that was refused something. */
export interface Refused {
  /** The folder that its relative paths are meant from. */
  readonly cwd: string;
  /** What it may read, with paths in full. */
  readonly read: true | readonly string[] | undefined;
  /** What lies in folders of its inputs and is none, in full. */
  readonly others: readonly string[];
  /** What it may write, with paths in full. */
  readonly write: true | readonly string[] | undefined;
  /** Links that lead out of what it may use. */
  readonly denied: Denied;
  /** Whether it may start programs. */
  readonly starts?: boolean;
}

/** Said to whoever may start programs, and does it in the way that needs more than that. */
const CHILD_PROCESS =
  "; `node:child_process` reads all of it before it starts a program: `permissions.run` is of use there only together with `permissions.env: true`, while `Deno.Command` needs `permissions.run` alone";

/** How Deno says that something is not permitted. */
const REQUIRES =
  /Requires (read|write|net|env|run|ffi|sys|import|all) access(?: to (.+?))?, run again with the --allow-[a-z]+ flag/s;
/** How it says that a module would have to be fetched. */
const NOT_CACHED = /Specifier not found in cache: "([^"]+)"|npm package not found in cache: "([^"]+)"/;
/** How it says that links cannot be made. */
const UNSCOPED = /requires unscoped --allow-read and --allow-write permissions/;
/** How deep errors are looked through for their causes. */
const DEPTH = 8;

/** The error of a task, in the words of its declaration when it comes from a permission it does not have; the cause is the error itself. */
export function explained(error: Error, refused: Refused): Error {
  const message = messageOf(error, refused, DEPTH);
  if (message === undefined) return error;
  const clear = new Error(message, { cause: error });
  // Where it came about is told by the stack of the error itself.
  const frames = /\n\s+at [\s\S]*$/.exec(String(error.stack ?? ""))?.[0] ?? "";
  return Object.assign(clear, { name: "NotPermitted", stack: `NotPermitted: ${message}${frames}` });
}

/** What an error, or one that it comes from, says of permissions. */
function messageOf(error: unknown, refused: Refused, depth: number): string | undefined {
  if (depth === 0 || typeof error !== "object" || error === null) return undefined;
  const { message, cause, errors } = error as Partial<AggregateError>;
  if (typeof message === "string") {
    const [, kind, what] = REQUIRES.exec(message) ?? [];
    if (kind !== undefined) return sentence(kind, what, refused);
    const [, module, npm] = NOT_CACHED.exec(message) ?? [];
    if (module !== undefined || npm !== undefined) {
      return `the module ${
        module ?? npm
      } is not there, and the process of a sandboxed task fetches none: import it at the top of the task's module`;
    }
    if (UNSCOPED.test(message)) {
      return "a sandboxed task cannot make symbolic links, since they would lead out of what it may read and write: copy the file, or permit both `read: true` and `write: true`";
    }
  }
  const inner = messageOf(cause, refused, depth - 1);
  if (inner !== undefined || !Array.isArray(errors)) return inner;
  for (const one of errors.slice(0, DEPTH)) {
    const found = messageOf(one, refused, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What was refused, and what to do. */
function sentence(kind: string, quoted: string | undefined, refused: Refused): string {
  const what = quoted?.replace(/^"([\s\S]*)"$/, "$1");
  switch (kind) {
    case "read":
      return fileSentence("read", "inputs", what, refused);
    case "write":
      return fileSentence("write", "outputs", what, refused);
    case "net":
      return `the task may not reach ${what ?? "the network"}: add ${
        what === undefined ? "the host" : "it"
      } to \`permissions.net\``;
    case "env":
      // The first thing that Node's way of starting programs asks for, where the program's own environment is given.
      if (refused.starts && what === "NODE_V8_COVERAGE") {
        return `the task may not read the environment${CHILD_PROCESS}`;
      }
      return what === undefined
        ? "the task may not read all of the environment: read the variables one by one and declare them in `env`, or say `permissions.env: true`" +
          (refused.starts ? CHILD_PROCESS : "")
        : `the task may not read the variable ${what}: add it to \`env\`, so that a change of it counts, or to \`permissions.env\``;
    case "run":
      return `the task may not start ${what ?? "or signal other processes"}: add ${
        what === undefined ? "the program" : "it"
      } to \`permissions.run\`; what it starts is held to nothing`;
    case "ffi":
      return `the task may not load ${
        what ?? "libraries"
      }: add it to \`permissions.ffi\`; what it loads is held to nothing`;
    case "all":
      return `the task may not use ${
        what ?? "that"
      }: Deno lets no process near it that is held to permissions, and it lies where the system keeps devices and processes; use another folder, or another \`isolation\``;
    case "import":
      return `the task may not import from ${
        what ?? "elsewhere"
      }: import it at the top of the task's module, not while the task runs`;
    default:
      return `the task may not ask the system for ${what ?? "that"}: add it to \`permissions.sys\``;
  }
}

function fileSentence(
  act: "read" | "write",
  option: "inputs" | "outputs",
  what: string | undefined,
  { cwd, read, others, write, denied }: Refused,
): string {
  if (what === undefined || what.startsWith("<")) {
    const place = what === "<TMP>" ? "the system's temporary folder" : what ?? "all files";
    return `the task may not ${act} ${place}: name what it needs in \`permissions.${act}\`${
      what === "<TMP>" ? ", or use ctx.directory" : ""
    }`;
  }
  const full = resolve(cwd, what);
  const shown = shownAt(full, cwd);
  if (covers(denied[act], full)) {
    return `the task may not ${act} ${shown}: a symbolic link leads there out of what it may ${act}; add what the link leads to to \`permissions.${act}\``;
  }
  const isAbove = (path: string): boolean => path !== full && isWithin(path, full);
  if (act === "read" && Array.isArray(read) && read.some(isAbove)) {
    const strange = others.filter(isAbove).map((path) => shownAt(path, cwd));
    const more = strange.length > 1 ? `, +${strange.length - 1} more` : "";
    const what = strange.length > 0
      ? `there is more in it than its inputs (${
        strange[0]
      }${more}), and that does not count: use \`ctx.inputs\`, or add it to`
      : "its inputs are files in it, not the folder: use `ctx.inputs`, or add the folder to `inputs` or";
    return `the task may not list ${shown}: ${what} \`permissions.read\``;
  }
  const holds = act === "write" && Array.isArray(write) &&
    write.some((path) => isAbove(path) && isAbsolute(path));
  return `the task may not ${act} ${shown}: add it to \`${option}\`, or to \`permissions.${act}\`${
    holds
      ? "; a folder that declared outputs lie in is there before the task begins, and need not be made"
      : ""
  }`;
}

/** A path as people see it. */
function shownAt(full: string, cwd: string): string {
  return isWithin(full, cwd) ? relative(cwd, full) || "." : full;
}

/** The command by which a person starts this program: what is shown to be typed, or pasted, is to work. */
import { node } from "./builtin.ts";
import { program } from "./program.ts";
import { execPath, isStandalone, runtime } from "./runtime.ts";

/** What the program is called where it is installed. */
const NAME = "runner";
/** A script that starts it is shorter than this, in bytes. */
const SCRIPT = 16_384;

/**
 * Its words: `runner` where that is on the PATH and is this program, else the path of the executable, or the runtime with
 * `cli.ts`. Looks at files: to be asked only when there is something to show.
 *
 * @param cli the URL of `cli.ts`.
 */
export function typedCommand(cli: string): readonly [string, ...string[]] {
  const { path, url } = node;
  const exec = execPath();
  if (isStandalone()) {
    const name = [NAME, path.basename(exec)].find((name) => isSame(onPath(name), exec));
    return [name ?? fromHere(exec)];
  }
  const file = cli.startsWith("file:") ? url.fileURLToPath(cli) : undefined;
  const installed = onPath(NAME);
  if (installed !== undefined && (isSame(installed, file) || starts(installed, [cli, file]))) return [NAME];
  const name = runtime.name;
  const start = isSame(onPath(name), exec) ? name : exec;
  const script = file === undefined ? cli : path.relative(program.cwd(), file);
  const named = file === undefined || !script.startsWith("..") && !path.isAbsolute(script) ? script : file;
  return runtime.name === "deno" ? [start, "run", "-A", named] : [start, named];
}

/** A path that starts a program: one in this folder is told from here. */
function fromHere(file: string): string {
  const relative = node.path.relative(program.cwd(), file);
  return relative.startsWith("..") || node.path.isAbsolute(relative) ? file : `./${relative}`;
}

/** Where a command is that has no path. */
function onPath(name: string): string | undefined {
  const { fs, path } = node;
  const folders = (program.env("PATH") ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, name)).find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

/** Whether two paths mean one file. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  try {
    return node.fs.realpathSync(one) === node.fs.realpathSync(other);
  } catch {
    return false;
  }
}

/** Whether a file is a script, as `deno install` makes them, that names one of these. */
function starts(file: string, names: readonly (string | undefined)[]): boolean {
  try {
    if (node.fs.statSync(file).size > SCRIPT) return false;
    const text = node.fs.readFileSync(file, "utf8");
    return names.some((name) => name !== undefined && text.includes(name));
  } catch {
    return false;
  }
}

/** Temporary folders, in memory where there is such a file system: tests make many files and remove them again. */
import fs from "node:fs";

const MEMORY = "/dev/shm";

/** A folder that is gone when it is disposed. */
export interface TempFolder extends Disposable {
  readonly path: string;
}

/** Makes a temporary folder. */
export function tempFolder(): TempFolder {
  const path = Deno.makeTempDirSync({
    prefix: "runner-test-",
    ...(fs.existsSync(MEMORY) && { dir: MEMORY }),
  });
  return { path, [Symbol.dispose]: () => fs.rmSync(path, { recursive: true, force: true }) };
}

/** The same on a disk: of what lies in memory under `/dev`, Deno lets no process read or write that is held to permissions. */
export function diskFolder(): TempFolder {
  const path = fs.realpathSync(Deno.makeTempDirSync({ prefix: "runner-test-" }));
  return { path, [Symbol.dispose]: () => fs.rmSync(path, { recursive: true, force: true }) };
}

/** Whether a command can be started on this host, before it is. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/** Where a command is, as a system would find it from a folder; `undefined` when it is nowhere. */
export function findCommand(command: string, cwd: string): string | undefined {
  const places = command.includes("/")
    ? [path.resolve(cwd, command)]
    : (process.env["PATH"] ?? "").split(path.delimiter).map((folder) => path.resolve(cwd, folder, command));
  return places.find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Why a command cannot be started on this host, or nothing. */
export function commandProblem(command: string, cwd: string): string | undefined {
  if (findCommand(command, cwd) !== undefined) return undefined;
  const host = `on host ${os.hostname()}`;
  return command.includes("/")
    ? `there is no program ${JSON.stringify(path.resolve(cwd, command))} ${host}`
    : `there is no command ${JSON.stringify(command)} ${host} (PATH ${process.env["PATH"] ?? "is not set"})`;
}

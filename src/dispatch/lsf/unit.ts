/** The unit in which a site's LSF reads memory limits. */
import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { commandProblem } from "../attached/command.ts";
import { runCommand } from "../queue/command.ts";
import { unitIn } from "./parse.ts";

/** A unit, and who says so. */
export interface MemoryUnit {
  readonly unit: "KB" | "MB" | "GB";
  readonly from: string;
}

/** What `-M` counts in by the site's `lsf.conf`. */
export function configuredUnit(): MemoryUnit | undefined {
  const folder = process.env["LSF_ENVDIR"];
  if (folder === undefined) return undefined;
  const file = join(folder, "lsf.conf");
  const unit = unitIn(textOf(file));
  return unit && { unit, from: file };
}

/** What `-M` counts in: as `lsf.conf` says, else as `badmin` does, else what LSF does by itself. */
export async function memoryUnit(place: Parameters<typeof runCommand>[1]): Promise<MemoryUnit> {
  const configured = configuredUnit();
  if (configured !== undefined) return configured;
  const told = commandProblem("badmin", place.cwd) === undefined ? unitIn(await shown(place)) : undefined;
  if (told !== undefined) return { unit: told, from: "badmin showconf mbd" };
  return { unit: "KB", from: "LSF's default, since neither lsf.conf nor badmin names LSF_UNIT_FOR_LIMITS" };
}

/** What the batch daemon is configured with; nothing where only administrators may ask. */
async function shown(place: Parameters<typeof runCommand>[1]): Promise<string> {
  try {
    return (await runCommand(["badmin", "showconf", "mbd"], place)).stdout;
  } catch {
    return "";
  }
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

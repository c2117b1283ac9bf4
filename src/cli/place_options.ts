/** `--limit`, `--shared-limit`, `--prefix`, `--capacity`, `--pool` and `--override`, laid over what the settings say. */
import type { Override } from "../engine/manner.ts";
import { unknownLabels } from "../engine/place_labels.ts";
import type { RunOptions } from "../engine/options.ts";
import { allRegistered } from "../model/registry.ts";
import { nameAndText, positive, usage } from "./arguments.ts";

/**
 * Where tasks run, as the command line says it: label by label it comes before the settings.
 *
 * @throws {DefinitionError} when something makes no sense.
 */
export function placeOptions(
  lists: Readonly<Record<string, readonly string[]>>,
  set: RunOptions,
): RunOptions {
  const pairs = <Value>(option: string, form: string, read: (text: string, name: string) => Value) => {
    const given = lists[option];
    if (given === undefined) return undefined;
    return Object.fromEntries(given.map((pair) => {
      const [name, text] = nameAndText(option, pair, form);
      return [name, read(text, name)] as const;
    }));
  };
  const count = (option: string) => pairs(option, "label=number", (text) => positive(option, text)!);
  const [limits, sharedLimits, pools] = [count("limit"), count("shared-limit"), count("pool")];
  const prefixes = pairs("prefix", "label='command …'", (text) => text);
  const capacity = pairs("capacity", "name=amount", (text) => /^[\d.]+$/.test(text) ? Number(text) : text);
  const overrides = pairs("override", "name='{ … }'", overrideOf);
  const told = { ...(limits && { limits }), ...(sharedLimits && { sharedLimits }), ...(pools && { pools }) };
  const all = { ...told, ...(prefixes && { prefixes }), overrides: { ...set.overrides, ...overrides } };
  for (const { option, label, hint } of unknownLabels(allRegistered(), all)) {
    throw usage(`--${option} ${label}=…: no task has that label, nor is called so${hint}`);
  }
  return {
    ...(limits && { limits: { ...set.limits, ...limits } }),
    ...(sharedLimits && { sharedLimits: { ...set.sharedLimits, ...sharedLimits } }),
    ...(pools && { pools: { ...set.pools, ...pools } }),
    ...(prefixes && { prefixes: { ...set.prefixes, ...prefixes } }),
    ...(capacity && { capacity: { ...set.capacity, ...capacity } }),
    ...(overrides && { overrides: { ...set.overrides, ...overrides } }),
  };
}

function overrideOf(text: string, name: string): Override {
  try {
    return JSON.parse(text) as Override;
  } catch (error) {
    throw usage(
      `--override ${name}=…: what stands behind = is JSON, as in '{ "timeout": "2h" }': ${
        (error as Error).message
      }`,
    );
  }
}

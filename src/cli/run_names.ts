/** How people name a run: by its id, or by how many runs ago it was. Pure. */

/** The same for people: what every command says that takes the name of a run. */
export const RUN_NAMES =
  "A run is named by its id, by the beginning or the end of it, or as last, last-1, last-2, …";

/** How many runs ago it was: 0 for `last`, 1 for `last-1`; `undefined` when it is named by its id. */
export function runsAgo(name: string): number | undefined {
  const ago = /^last(?:-(\d+))?$/.exec(name);
  return ago === null ? undefined : Number(ago[1] ?? 0);
}

/** The ids that a name means: the one that is called so, or all that begin or end so. */
export function idsNamed(name: string, ids: readonly string[]): string[] {
  if (ids.includes(name)) return [name];
  if (name === "") return [];
  return [...new Set(ids.filter((id) => id.startsWith(name) || id.endsWith(name)))];
}

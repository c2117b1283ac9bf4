/** The environment as entries show it. */
import { digestOf } from "./digest.ts";

/** Variables with digests in the place of their values: these are not written down, for they may be secret. */
export function hiddenEnv(env: readonly string[]): readonly string[] {
  return env.map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? pair : `${pair.slice(0, at)} sha256:${digestOf(pair.slice(at + 1)).slice(0, 12)}`;
  });
}

/** The names of those that are otherwise here; `shown` is what {@link hiddenEnv} made of them elsewhere. */
export function otherwise(
  shown: readonly string[],
  here: (name: string) => string | undefined,
): readonly string[] {
  return shown.filter((one) => {
    const name = nameOf(one);
    const value = here(name);
    return hiddenEnv([value === undefined ? name : `${name}=${value}`])[0] !== one;
  }).map(nameOf);
}

function nameOf(shown: string): string {
  return shown.replace(/ sha256:[0-9a-f]*$/, "");
}

/** The environment as entries show it. */
import { digestOf } from "../model/digest.ts";

/** Variables with digests in the place of their values: these are not written down, for they may be secret. */
export function hiddenEnv(env: readonly string[]): readonly string[] {
  return env.map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? pair : `${pair.slice(0, at)} sha256:${digestOf(pair.slice(at + 1)).slice(0, 12)}`;
  });
}

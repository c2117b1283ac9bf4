/** Colours, which are never the only sign of anything. */

/** Ways of emphasis. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
}

const plain = (text: string): string => text;
const code = (open: number, close: number) => (text: string): string => `\x1b[${open}m${text}\x1b[${close}m`;

/** No colours. */
export const PLAIN: Style = { good: plain, bad: plain, dim: plain, strong: plain };

/** Colours of the terminal's own palette. */
export const COLOURED: Style = {
  good: code(32, 39),
  bad: code(31, 39),
  dim: code(2, 22),
  strong: code(1, 22),
};

/** Whether colours are wanted: on a terminal, unless the environment says no; `FORCE_COLOR` says so before all others. */
export function styleFor(terminal: boolean, env: Readonly<Record<string, string | undefined>>): Style {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced === "0" ? PLAIN : COLOURED;
  return terminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb" ? COLOURED : PLAIN;
}

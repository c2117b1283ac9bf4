/** Words quoted for a POSIX shell, so that a person can paste them. Pure. */

/** A word as a shell reads it back. */
export function quoteWord(word: string): string {
  // To some shells `=ls` is the path of ls.
  return /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word) ? word : inQuotes(word);
}

/** Words as a line for a shell. */
export function quoteWords(words: readonly string[]): string {
  // A shell would take a first word like that for a variable to be set.
  return words.map((word, at) =>
    at === 0 && /^[A-Za-z_]\w*\+?=/.test(word) ? inQuotes(word) : quoteWord(word)
  )
    .join(" ");
}

function inQuotes(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

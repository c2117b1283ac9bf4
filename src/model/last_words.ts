/** What the end of a log says of how a program ended. Pure. */

/** What a program prints last when its own heap is full, whatever the machine has left. */
const HEAP_FULL = /heap out of memory|fatal (?:process|javascript) (?:oom|out of memory)|std::bad_alloc/i;
/** A line that names what went wrong. */
const ERROR =
  /^(?:error|fatal|panic|traceback)\b|(?:^|\s|:)\S*(?:error|exception)\b(?:\s\[\S+\])?:|thread '.*' panicked/i;
/** A line of a stack, and what runtimes print around one. */
const STACK = /^(?:at\s|File ".*", line \d+|\d+: (?:0x[0-9a-f]+|<unknown>)|Stack backtrace:|Node\.js v\d)/;
/** Lines that come with an error and do not say it: advice on how a command is called, warnings. */
const ASIDE = /^(?:warn(?:ing)?\b|usage:|(?:run|see|try) .*--help\b|for more information\b|.* --help' for )/i;

/** Whether a line tells of a heap that was full. */
export function saysHeapFull(line: string | undefined): boolean {
  return line !== undefined && HEAP_FULL.test(line);
}

/**
 * The line of a log that says most about its end: that a heap was full, or else the error above a stack, or else the last one that
 * is neither advice nor a warning.
 */
export function lastWords(log: string): string | undefined {
  const lines = log.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => /[\p{L}\p{N}]/u.test(line));
  const tail = lines.slice(-50);
  const plain = tail.filter((line) => !ASIDE.test(line) && !STACK.test(line));
  const stack = tail.findLastIndex((line) => STACK.test(line));
  const above = stack < 0 ? undefined : tail.slice(0, stack).findLast((line) => ERROR.test(line));
  // What was printed behind a stack is news, unless it is about the stack itself.
  const behind = stack < 0 ? undefined : tail.slice(stack + 1).findLast((line) => plain.includes(line));
  const said = tail.find(saysHeapFull) ?? behind ?? above ?? plain.at(-1) ?? tail.at(-1);
  return said?.slice(0, 300);
}

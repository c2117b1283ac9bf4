/** Which lines of a log say that something went wrong, and how far what they say goes on. Pure. */

/** A range of lines, both ends included, counted from 0. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** How much a line matters: 2 tells an error, 1 a warning, 0 nothing of the kind. */
export type Weight = 0 | 1 | 2;

/** A keyword stands alone: not as part of another word, of a path, of an option or of a file's name. */
const words = (list: string): RegExp => new RegExp(`(?<![\\w./\\\\-])(?:${list})(?![\\w/\\\\-]|\\.\\w)`, "i");

const ERRORS = words(
  "exceptions?|errors?|err!|fatal|panic|panicked|traceback|fail|failed|fails|failures?|segmentation fault|segfault|" +
    "core dumped|bus error|aborted|unhandled|uncaught|assertion|assert|critical|killed|out of memory|oom|" +
    "undefined reference|unresolved|cannot find|could not find|command not found|no such file|permission denied|" +
    "access denied|timed out|syntax ?error|stack overflow|not ok",
);
const WARNINGS = words("warnings?|warn|notices?|deprecated|deprecations?");
/** The class of an error: `TypeError: …`, `java.io.IOException`. */
const CLASS = /(?<![\w/\\-])[A-Z]\w*(?:Error|Exception|Panic|Warning)(?=$|[:\s(]|\.(?:\s|$))/;
/** What pytest puts before the lines of a failed assertion. */
const PYTEST = /^E {2,}\S/;
/** A line that counts and has counted none. */
const NONE =
  /\b(?:0|no|zero|without)\s+(?:\w+\s+)?(?:exceptions?|errors?|warnings?|notices?|deprecations?|failures?|failed|fail)\b|\b(?:exceptions?|errors?|warnings?|failures?|failed|fail)\s*[:=]\s*0\b(?!\.)/gi;

/** How much a line matters by its words. */
export function weigh(line: string): Weight {
  const said = NONE.test(line) ? line.replaceAll(NONE, "") : line;
  NONE.lastIndex = 0;
  if (PYTEST.test(said) || ERRORS.test(said)) {
    // `warning: … [-Werror=…]`, `warning: this is an error in a later version`: the word before the colon decides.
    return /^(?:\S+:\s*)?(?:warning|notice|note|deprecated)\b[^:]*:/i.test(said) ? 1 : 2;
  }
  const name = CLASS.exec(said)?.[0];
  if (name !== undefined) return name.endsWith("Warning") ? 1 : 2;
  return WARNINGS.test(said) ? 1 : 0;
}

/** Lines that belong to the message above them: indented ones, code frames, notes, stacks. */
const GOES_ON =
  /^(?:\s+\S|\s*\d*\s*[|│╷╵╰╭]|\s*(?:-->|=\s)|Caused by\b|caused by\b|(?:note|help|hint|info)\b\s*:|\S+:\d+(?::\d+)?: note:|stack backtrace:|goroutine \d+ \[)/;
/** The most lines that a message goes on for. */
const MOST_ON = 60;
/** The most lines that are looked at before a message. */
const MOST_BEFORE = 40;

/** All lines of what is told at a line that matters. */
export function blockAt(lines: readonly string[], at: number): Range {
  const line = lines[at]!;
  if (/^[\s|+]*(?:Exception Group )?Traceback \(most recent call last\):/.test(line)) {
    return { from: at, to: traceback(lines, at) };
  }
  const from = PYTEST.test(line) ? pytestHead(lines, at) : before(lines, at);
  let to = after(lines, at);
  if (PYTEST.test(line)) {
    while (PYTEST.test(lines[to + 1] ?? "")) to++;
    // `test_a.py:4: AssertionError` stands a blank line further on.
    for (let next = to + 1; next <= to + 2; next++) {
      if (/^\S+:\d+: \w/.test(lines[next] ?? "")) return { from, to: next };
    }
  }
  return { from, to };
}

/** The last line of a Python traceback: the first that is not deeper than its head. */
function traceback(lines: readonly string[], at: number): number {
  const depth = indent(lines[at]!);
  for (let next = at + 1; next < lines.length; next++) {
    const line = lines[next]!;
    if (line.trim() === "") return next - 1;
    if (indent(line) <= depth) return next;
  }
  return lines.length - 1;
}

function indent(line: string): number {
  return /^[\s|+]*/.exec(line)![0].length;
}

/** The last line of a message. */
function after(lines: readonly string[], at: number): number {
  let to = at;
  // A Rust panic says why in the line after.
  if (/\bpanicked at\b.*:$/.test(lines[at]!) && lines[at + 1] !== undefined) to++;
  const end = Math.min(lines.length - 1, at + MOST_ON);
  while (to < end) {
    const next = lines[to + 1]!;
    if (GOES_ON.test(next)) to++;
    // tsc leaves a line free between the message and the code, Go between a panic and its stack,
    // and some errors have messages of several lines before their stack.
    else if (next.trim() === "" && frameFollows(lines, to + 2)) to += 2;
    else if (to === at && stackFollows(lines, at)) to++;
    else break;
  }
  return to;
}

/** Whether a code frame or a stack begins at a line. */
function frameFollows(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? "";
  return /^goroutine \d+ \[/.test(line) ||
    /^\s*\d+[ |]/.test(line) && [1, 2].some((more) => /^\s*[|]?\s*[~^]+/.test(lines[at + more] ?? ""));
}

/** Whether the second line after an error begins its stack. */
function stackFollows(lines: readonly string[], at: number): boolean {
  return lines[at + 1]!.trim() !== "" && /^\s+at \S/.test(lines[at + 2] ?? "");
}

/** The first line of a message: what some compilers and runtimes print before it. */
function before(lines: readonly string[], at: number): number {
  let from = at;
  for (let line = at - 1; line >= Math.max(0, at - 6); line--) {
    // Node and Python show the place above the error's name.
    if (/^\s*[~^]+\s*$/.test(lines[line]!)) from = Math.max(0, line - 2);
    else if (/^\s+File ".*", line \d+/.test(lines[line]!)) from = line;
  }
  while (from > 0 && /^(?:In file included from|\s+from )\S/.test(lines[from - 1]!)) from--;
  return from;
}

/** The line `____ test_name ____` above a failed assertion, if it is near. */
function pytestHead(lines: readonly string[], at: number): number {
  for (let line = at; line >= Math.max(0, at - MOST_BEFORE); line--) {
    if (/^_{3,} .* _{3,}$/.test(lines[line]!)) return line;
  }
  return at;
}

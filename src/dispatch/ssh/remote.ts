/** What runs on the other host, around a job and against it: lines for any POSIX shell. Pure. */
import { quoteWords } from "../../model/quoting.ts";

/** The file in a job's folder that says by which processes it runs, and where: number, start, host, what `ssh` calls it. */
export const MARK = "remote";
/** The file that says that a job must not begin any more. */
export const STOP = "remote.stop";
/** What stands before what our own lines say. */
export const VOICE = "runner on ";
/** The exit code that `ssh` gives when it has failed itself. */
export const SSH_FAILED = 255;

// Each is one line: some login shells do not take more of them in quotes. When a process started is a number of /proc.
const STARTED =
  `started() { { read -r line </proc/$1/stat; } 2>/dev/null || { echo -; return; }; set -- \${line##*) }; echo \${20}; }`;

/**
 * Starts a job and leaves nothing of it. The shell stays, so that what a job leaves behind does not keep the connection; its
 * processes are known by their group, which is that of the shell: `sshd` makes a session for each command.
 */
const BEGIN = [
  `mark=$1 cwd=$2 alias=$3`,
  `shift 3`,
  `say() { echo "${VOICE}$(uname -n): $*" >&2; }`,
  `cd -- "$cwd" || { say "there is no folder $cwd"; exit 126; }`,
  STARTED,
  `{ echo "$$ $(started $$) $(uname -n) $alias" >"$mark.new" && mv -f "$mark.new" "$mark"; } || { say "it cannot write to $mark"; exit 126; }`,
  `if [ -e "$mark.stop" ]; then exit 143; fi`,
  `trap : TERM HUP INT`,
  `"$@"`,
  `code=$?`,
  `[ $code -ne ${SSH_FAILED} ] || say "the command itself ended with exit code ${SSH_FAILED}"`,
  `group() { if [ -e /proc/$$/stat ]; then for stat in /proc/[0-9]*/stat; do { read -r line <$stat; } 2>/dev/null || continue; set -- \${line##*) }; [ "$3" != $$ ] || echo \${line%% *}; done; else ps -A -o pid= -o pgid= | while read -r pid of; do [ "$of" != $$ ] || echo $pid; done; fi; }`,
  `for pid in $(group); do [ "$pid" = $$ ] || kill -KILL "$pid" 2>/dev/null; done`,
  `exit $code`,
].join("; ");

/** Does something for each of some marks whose process is there; something else for those of another host. */
const forMarks = (here: string, away: string): string =>
  `here=$(uname -n); for mark; do { read -r pid start host alias <"$mark"; } 2>/dev/null || continue; [ "$host" = "$here" ] || { ${away}; continue; }; [ "$start" = "$(started $pid)" ] || continue; ${here}; done`;

/** Says which marks are those of jobs that go on, and which nobody can tell about over there. */
const LOOK = [
  STARTED,
  forMarks(`kill -0 -$pid 2>/dev/null && echo "on $mark"`, `echo "away $mark"`),
  "exit 0",
]
  .join("; ");

/** Ends jobs by their marks: asks, waits, makes them; says what is left. */
const END = [
  STARTED,
  `all=`,
  forMarks(`kill -TERM -$pid 2>/dev/null && all="$all $pid"`, ":"),
  `living() { rest=; for pid in $all; do kill -0 -$pid 2>/dev/null && rest="$rest $pid"; done; all=$rest; }`,
  `for time in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do living; [ -n "$all" ] || exit 0; sleep 0.2 || sleep 1; done`,
  `for pid in $all; do kill -KILL -$pid; done`,
  `for time in 1 2 3 4 5; do living; [ -n "$all" ] || break; sleep 0.2 || sleep 1; done`,
  `exit 0`,
].join("; ");

/** The line that runs a command over there. */
export function beginLine(
  { mark, cwd, host }: { readonly mark: string; readonly cwd: string; readonly host: string },
  command: readonly string[],
): string {
  return `exec ${quoteWords(["sh", "-c", BEGIN, "sh", mark, cwd, host, ...command])}`;
}

/** The line that ends jobs over there. */
export function endLine(marks: readonly string[]): string {
  return `exec ${quoteWords(["sh", "-c", END, "sh", ...marks])}`;
}

/** The line that says of each mark `on` or `away`, and of those that are over nothing. */
export function marksLine(marks: readonly string[]): string {
  return `exec ${quoteWords(["sh", "-c", LOOK, "sh", ...marks])}`;
}

/** The line that looks whether a folder is visible over there. */
export function lookLine(folder: string): string {
  return `test -d ${quoteWords([folder])}`;
}

/** Notes runs as fast as it can, and prints what there was to complain about. */
import { openHistory } from "../../src/history/sqlite_history.ts";
import { node, run } from "./support.ts";

const [file, name, count] = Deno.args;
const warnings: string[] = [];
for (let index = 0; index < Number(count); index++) {
  const history = openHistory(file!, { wait: 20_000 });
  history.durations();
  history.record(run(`${name}-${index}`, [node("shared"), node(`${name}(${index})`)]));
  warnings.push(...history.warnings());
  history.close();
}
// deno-lint-ignore no-console -- what it prints is what the test reads
console.log(JSON.stringify(warnings));

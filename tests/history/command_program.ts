/** `runner history`, as the command line runs it. */
import { historyCommand } from "../../src/cli/commands/history.ts";
import { exitCodeOf, printError } from "../../src/cli/errors.ts";

try {
  Deno.exitCode = await historyCommand(Deno.args);
} catch (error) {
  printError(error);
  Deno.exitCode = exitCodeOf(error);
}

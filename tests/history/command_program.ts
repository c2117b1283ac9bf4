/** `runner history`, as the command line runs it. */
import { command } from "../../src/cli/commands/history.ts";
import { exitCodeOf, printError } from "../../src/cli/errors.ts";

try {
  Deno.exitCode = await command(Deno.args);
} catch (error) {
  printError(error);
  Deno.exitCode = exitCodeOf(error);
}

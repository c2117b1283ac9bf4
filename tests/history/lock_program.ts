/** Locks a database until it is ended, and says when it has. */
import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(Deno.args[0]!);
database.exec("begin exclusive");
// deno-lint-ignore no-console -- what it prints is what the test reads
console.log("locked");
setInterval(() => database.isOpen, 60_000);

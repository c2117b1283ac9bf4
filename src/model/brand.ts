/** Brands by which one copy of this module recognises the tasks and futures another copy made. */

/** Every future carries this property; its value says which kind of future it is. */
export const FUTURE: unique symbol = Symbol.for("runner.future/1");

/** A record that is made as its parts are read carries this property; its value makes a plain copy. */
export const RECORD: unique symbol = Symbol.for("runner.record/1");

/** Every task carries this property; its value is the task's definition. */
export const TASK: unique symbol = Symbol.for("runner.task/1");

/** Never present at run time: it carries a future's value type for the compiler. */
export const VALUE: unique symbol = Symbol.for("runner.value/1");

/** The key, on `globalThis`, under which all copies of this module in one thread share the tasks defined so far. */
export const REGISTRY: symbol = Symbol.for("runner.tasks/1");

/** The key, on `globalThis`, that is set in a thread or process in which only tasks are run. */
export const TASK_HOST: symbol = Symbol.for("runner.task-host/1");

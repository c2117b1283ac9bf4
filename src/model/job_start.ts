/** What the script of a job tells those that it starts. Pure. */

/** The variable by which all that one start of a job's script has begun knows which start that is. */
export const START_VARIABLE = "RUNNER_START";

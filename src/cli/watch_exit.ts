/** How the process that watches says that the pipeline has changed. */

/** The exit code for it: a process cannot import a changed module anew, so another one has to. */
export const RELOAD = 87;

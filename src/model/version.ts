/** The version of runner. */
export const VERSION = "0.1.0";

/**
 * What a process of ours ends with; cli/commands.ts says what each means to whoever started it.
 *
 * Source: sysexits.h.
 */
export const EXIT_OK = 0
/** EX_USAGE. */
export const EXIT_USAGE = 64
/** EX_UNAVAILABLE: what is asked for is not there. */
export const EXIT_UNAVAILABLE = 69
/** EX_SOFTWARE. */
export const EXIT_SOFTWARE = 70
/** EX_CANTCREAT: a file cannot be written or removed. */
export const EXIT_CANNOT_CREATE = 73
/** EX_TEMPFAIL: trouble while serving, the request at hand was not answered. */
export const EXIT_TROUBLE = 75
/** EX_NOPERM. */
export const EXIT_NO_PERMISSION = 77
/** EX_CONFIG. */
export const EXIT_CONFIG = 78

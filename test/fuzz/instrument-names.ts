/** The name under which a program that counts its blocks finds the counters (instrument.ts); without the compiler. */
export const COUNTERS = '__blockCounters'

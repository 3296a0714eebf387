/**
 * Preloaded into a process (`node --require`) whose clock a test moves: Date.now() is 1,795,880,000 s since the epoch and as
 * many more as the file $CLOCK_FILE says. Read each time, so that one file moves the clocks of several processes.
 */
const { readFileSync } = require('node:fs')

Date.now = () => (1_795_880_000 + Number(readFileSync(process.env.CLOCK_FILE, 'utf8'))) * 1000

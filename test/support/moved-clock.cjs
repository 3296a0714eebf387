/**
 * Preloaded into a process (`node --require`) whose clock a test moves: Date.now() is 1,795,880,000 s since the epoch and as
 * many more as the file $CLOCK_FILE says. Read each time, so that one file moves the clocks of several processes. A daemon keeps
 * no environment: without $CLOCK_FILE it is `clock` in the folder of this file, of which a test makes a copy.
 */
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const file = () => process.env.CLOCK_FILE ?? join(__dirname, 'clock')

Date.now = () => (1_795_880_000 + Number(readFileSync(file(), 'utf8'))) * 1000

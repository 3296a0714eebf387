/**
 * Takes the lock of a cache file and never gives it back: `node lock-holder.cjs FILE ADDON`. Prints `held` when it has it.
 *
 * Bundled and started by stopped-holder.test.ts.
 */
import { openSync, writeSync } from 'node:fs'
import type { Native } from '../../src/system/native/native.ts'

const [file = '', addon = ''] = process.argv.slice(2)
const module = { exports: {} }
process.dlopen(module, addon)
const native = module.exports as Native
if (!native.lock(openSync(file, 'r+'), 1000)) throw new Error('the lock was not had')
writeSync(1, 'held\n')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)

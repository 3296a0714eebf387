/**
 * Opens the store and prints what came of it as JSON: `node open-store.cjs DIRECTORY ADDON`. For tests that need limits
 * or states only a process of its own can have; bundled and started by full-disk.test.ts.
 */
import { writeSync } from 'node:fs'
import { openStore } from '../../src/cache/store.ts'
import type { Native } from '../../src/system/native/native.ts'

const [directory = '', addon = ''] = process.argv.slice(2)
const module = { exports: {} }
process.dlopen(module, addon)
const opened = openStore({
  directory,
  fileName: 'polw.cache',
  limits: { spam: { size: 2000, maxSize: 4000 }, ham: { size: 1000, maxSize: 2000 } },
  configuration: 1,
  native: module.exports as Native,
  nowMs: Date.now,
  warn: () => {},
})
writeSync(1, JSON.stringify(opened.kind === 'store' ? { kind: opened.kind } : opened))

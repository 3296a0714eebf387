/**
 * The native part for tests: the file that `npm run build` left under dist/native, through the same loader.
 *
 * Failure: not built, or not loadable here: throws, since nothing of what is tested would work.
 */
import { readFileSync } from 'node:fs'
import { addonFile } from '../scripts/build-addon.ts'
import { loadNative, type Native } from '../src/system/native/native.ts'

/** The addon for this machine. */
export function testNative(): Native {
  const native = loadNative({
    platform: process.platform,
    arch: process.arch,
    loaded: undefined,
    embedded: () => readFileSync(addonFile(process.arch)),
    directories: ['/dev/shm', '/tmp'],
  })
  if (native.kind === 'unavailable') throw new Error(native.why)
  return native
}

import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addonFile } from '../../scripts/build-addon.ts'
import { bundleProgram } from '../../testkit/node-program.ts'

t.test('a file that cannot be written whole is not used, and not left behind', t => {
  const folder = t.testdir({ cache: {} })
  const directory = join(folder, 'cache')
  const program = join(folder, 'open-store.cjs')
  bundleProgram('test/cache/open-store.ts', program)
  // A limit on the size of files stands for a full disk: write(2) fails in the middle (EFBIG for ENOSPC), and that needs
  // neither root nor a file system of its own. In the shell's units, 512 or 1024 bytes, 1000 is less than any file.
  const open = (limit: string): object => {
    const script = `ulimit -f ${limit}; exec "$0" "$@"`
    const args = ['-c', script, process.execPath, program, directory, addonFile(process.arch)]
    return JSON.parse(execFileSync('sh', args, { env: {}, encoding: 'utf8' }))
  }
  t.match(open('1000'), { kind: 'unavailable', code: 'failed', why: /EFBIG/ })
  t.strictSame(readdirSync(directory), [])
  t.match(open('unlimited'), { kind: 'store' })
  t.strictSame(readdirSync(directory), ['polw.cache'])
  t.end()
})

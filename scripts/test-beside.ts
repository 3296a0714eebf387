/**
 * The tests beside other programs of Debian's: `npm run test:postfix`, `npm run test:resolver` [-- FILE…].
 *
 *   postfix    the service of master.cf.example behind a real Postfix, test/postfix
 *   resolver   the service behind a real unbound and real lists, under attack, test/resolver
 *
 * Needs root, Debian with a way to its packages, and a Node that every user may run. Installs the packages that are missing,
 * without starting a daemon or touching a configuration, and adds the user polw if there is none, whom it removes again. The
 * system's own services are not touched: the tests have instances of their own, in a network in which there is nothing but
 * loopback, and whatever they start ends with them, by the kernel.
 *
 * Ends with a line `N passed, N failed`; exit status 1 if anything failed, or if a run hangs and is ended.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from './debian-packages.ts'

const SETS: ReadonlyMap<string, { readonly packages: readonly string[]; readonly limitSeconds: number }> = new Map([
  ['postfix', { packages: ['postfix', 'swaks', 'iproute2', 'adduser'], limitSeconds: 1200 }],
  ['resolver', { packages: ['unbound', 'rbldnsd', 'iproute2', 'util-linux'], limitSeconds: 1800 }],
])

/** Runs tap on some files; resolves to how many tests passed and failed. */
async function runTap(name: string, limitSeconds: number, files: readonly string[], folder: string): Promise<number[]> {
  const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']
  const command = `ip link set lo up && exec timeout --kill-after=10 ${limitSeconds} npx tap "$@"`
  const variables = {
    TMPDIR: folder,
    TAP_RCFILE: `test/${name}/.taprc`,
    TAP_REPORTER: 'tap',
    TAP_DISABLE_COVERAGE: '1',
  }
  const child = spawn('unshare', [...namespaces, 'sh', '-c', command, 'sh', ...files], {
    env: { ...process.env, ...variables },
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const [status] = await once(child, 'close')
  const summary = output.match(/^# \{ total: .*/gm)?.at(-1) ?? ''
  const [passed = 0, failed = 0] = ['pass', 'fail'].map(word =>
    Number(new RegExp(`${word}: (\\d+)`).exec(summary)?.[1] ?? 0),
  )
  return [passed, status !== 0 && failed === 0 ? 1 : failed]
}

const [name = '', ...files] = process.argv.slice(2)
const set = SETS.get(name)
if (!set) throw new Error(`no tests beside ${name}; there are ${[...SETS.keys()].join(', ')}`)
if (process.getuid?.() !== 0) throw new Error('only root can start such programs, and make a network')
installPackages(set.packages)
const makesUser = name === 'postfix' && spawnSync('id', ['polw']).status !== 0
if (makesUser) execFileSync('adduser', ['--quiet', '--system', '--group', '--no-create-home', 'polw'])
const folder = mkdtempSync(join(tmpdir(), 'polw-'))
try {
  // Every user may enter.
  chmodSync(folder, 0o755)
  const [passed = 0, failed = 0] = await runTap(name, set.limitSeconds, files, folder)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
  if (makesUser) execFileSync('userdel', ['polw'])
}

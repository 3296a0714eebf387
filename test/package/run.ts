/**
 * Installs the Debian package in clean root directories, uses it, and removes it: `npm run test:package [-- --suite trixie]`.
 *
 * One of Debian 12, one of Debian 13, at the same time; what it needs and how it ends: each-suite.ts. All the rest happens
 * in inside.ts. The package of 0.2.0, which an upgrade starts from, is built from that commit, once.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tryEachSuite } from '../debian/each-suite.ts'
import { buildFormerPackage, FORMER_COMMIT } from './former-package.ts'
import { FORMER_PACKAGE } from './upgrade-of-ours.ts'

const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-former-'))
try {
  const former = process.getuid?.() === 0 ? buildFormerPackage(folder) : undefined
  if (former === undefined)
    console.log(`# not tried: the upgrade from 0.2.0; this clone does not have ${FORMER_COMMIT}`)
  process.exitCode = await tryEachSuite({
    name: 'test:package',
    inside: join(dirname(fileURLToPath(import.meta.url)), 'inside.ts'),
    packages: ['man-db', 'adduser', 'policyd-weight', 'postfix', 'swaks', 'libstdc++6'],
    atOnce: 2,
    prepare: root => {
      if (former !== undefined) copyFileSync(former, join(root, FORMER_PACKAGE))
    },
  })
} finally {
  rmSync(folder, { recursive: true })
}

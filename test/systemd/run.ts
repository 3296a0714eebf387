/**
 * The daemon under a real systemd, on Debian 12 and 13, under load: `npm run test:systemd [-- --suite trixie]`.
 *
 * A clean root of each release is booted behind one another, with the Perl policyd-weight in use by a Postfix; what it needs and how it
 * ends: each-suite.ts. All the rest happens in inside.ts.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tryEachSuite } from '../debian/each-suite.ts'
import { BOOT_PACKAGES } from './booted-root.ts'

process.exitCode = await tryEachSuite({
  name: 'test:systemd',
  inside: join(dirname(fileURLToPath(import.meta.url)), 'inside.ts'),
  included: BOOT_PACKAGES,
  packages: ['adduser', 'policyd-weight', 'postfix', 'swaks', 'libstdc++6'],
  // Each is under load of its own, and the other would be on top of it.
  atOnce: 1,
  tools: { 'systemd-nspawn': 'systemd-container' },
})

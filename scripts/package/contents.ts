/**
 * The files of the package, and where each comes from.
 *
 *   checkout with a built dist/ → list of files → build.ts, which hands them to dpkg-deb
 *
 * The program is in /usr/lib/policyd-weight, not in /usr/sbin, because `policyd-weight prepare` writes beside it;
 * /usr/sbin has a link, and Node looks for what is beside the file that a link leads to. Its first line names Debian's
 * Node: whichever one an administrator has in his path, Postfix starts that.
 *
 * There is no configuration file in it: postinst writes one where none is and nothing has served before, and
 * /etc/policyd-weight.conf of an administrator, or of the Perl implementation, is never asked about.
 *
 * Failure: a file of the checkout that is missing throws.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { renderCompletion } from '../../src/cli/completion.ts'
import { renderCommandPage } from '../manual/command-page.ts'
import { renderParameterPage } from '../manual/parameter-page.ts'
import { type PackageFacts, renderDebianChangelog } from './control.ts'
import { renderCopyright } from './copyright.ts'

export type PackageFile =
  | { readonly path: string; readonly mode: 0o644 | 0o755; readonly content: Buffer | string }
  | { readonly path: string; readonly linkTo: string }

const DOC = 'usr/share/doc/policyd-weight'
const UNITS = 'usr/lib/systemd/system'

/** All but what is in DEBIAN/. `notices`: what `policyd-weight --licenses` prints. */
export function packageFiles(root: string, facts: PackageFacts, date: Date, notices: string): PackageFile[] {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const file = (path: string, content: Buffer | string): PackageFile => ({ path, mode: 0o644, content })
  const edition = { version: facts.version, date: date.toISOString().slice(0, 10) }
  const masterCf = asInstalled(read('master.cf.example'))
  return [
    {
      path: 'usr/lib/policyd-weight/policyd-weight',
      mode: 0o755,
      content: withNodeOfDebian(read('dist/policyd-weight')),
    },
    file('usr/lib/policyd-weight/package.json', read('dist/package.json')),
    { path: 'usr/sbin/policyd-weight', linkTo: '../lib/policyd-weight/policyd-weight' },
    file('usr/lib/tmpfiles.d/policyd-weight.conf', read('scripts/package/debian/policyd-weight.tmpfiles')),
    file(`${UNITS}/policyd-weight.service`, read('scripts/package/debian/policyd-weight.service')),
    file(`${UNITS}/policyd-weight.socket`, read('scripts/package/debian/policyd-weight.socket')),
    ...['postfix.service.d', 'postfix@.service.d'].map(folder =>
      file(`${UNITS}/${folder}/policyd-weight.conf`, read('scripts/package/debian/postfix-dropin.conf')),
    ),
    file('usr/share/man/man8/policyd-weight.8.gz', compress(renderCommandPage(edition, masterCf))),
    file('usr/share/man/man5/policyd-weight.conf.5.gz', compress(renderParameterPage(edition))),
    file('usr/share/bash-completion/completions/policyd-weight', renderCompletion('bash')),
    file('usr/share/zsh/vendor-completions/_policyd-weight', renderCompletion('zsh')),
    file('usr/share/fish/vendor_completions.d/policyd-weight.fish', renderCompletion('fish')),
    file(`${DOC}/copyright`, renderCopyright(notices, date.getUTCFullYear())),
    file(`${DOC}/changelog.gz`, compress(read('CHANGELOG.md'))),
    file(`${DOC}/changelog.Debian.gz`, compress(renderDebianChangelog(facts, date))),
    file(`${DOC}/README.md`, read('README.md')),
    file(`${DOC}/SECURITY.md`, read('SECURITY.md')),
    file(`${DOC}/examples/master.cf.example`, masterCf),
    file(`${DOC}/examples/apparmor-profile`, read('scripts/package/debian/apparmor-profile')),
    ...pagesBelow(root, 'docs').map(path => file(`${DOC}/${path}`, read(path))),
  ]
}

/** The files of a folder and of those in it: `docs/install.md`, `docs/behaviour/cache.md`. */
export function pagesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

function compress(text: string): Buffer {
  return gzipSync(text, { level: 9 })
}

/** The example speaks of a file that was copied by hand; the program itself names its Node, and security modules know it by name. */
function asInstalled(text: string): string {
  return text.replaceAll('/usr/bin/node /usr/local/bin/policyd-weight', '/usr/sbin/policyd-weight')
}

function withNodeOfDebian(executable: string): string {
  const end = executable.indexOf('\n')
  if (!executable.startsWith('#!') || end < 0) throw new Error('dist/policyd-weight does not begin with #!')
  return `#!/usr/bin/node${executable.slice(end)}`
}

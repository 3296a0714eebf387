/**
 * Builds what is published: `npm run package` → build/policyd-weight_VERSION_ARCHITECTURE.deb and the tarball of npm.
 *
 * Needs what the program is built with, and dpkg-deb; installs nothing, and says what is missing. The same commit
 * gives the same files: times are those of the commit, or of $SOURCE_DATE_EPOCH. $DEBFULLNAME and $DEBEMAIL name the
 * maintainer, as for Debian's own tools.
 *
 * Failure: a message and exit status 1; what was in build/ before is still there.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type PackageFile, packageFiles } from './contents.ts'
import { architectureOf, type PackageFacts, packageVersion, renderControl } from './control.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const output = join(root, 'build')
const packageJson: { readonly version: string; readonly files: readonly string[]; readonly [key: string]: unknown } =
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const MAINTAINER_SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm'] as const

/** What is run, and the Debian package that has it. */
const TOOLS = [
  { command: 'dpkg-deb', from: 'dpkg', isNeeded: true },
  { command: process.arch === 'x64' ? 'cc' : 'x86_64-linux-gnu-gcc', from: gccFor('x64'), isNeeded: false },
  { command: process.arch === 'arm64' ? 'cc' : 'aarch64-linux-gnu-gcc', from: gccFor('arm64'), isNeeded: false },
]

function gccFor(arch: 'x64' | 'arm64'): string {
  if (process.arch === arch) return 'gcc libc6-dev'
  return arch === 'x64' ? 'gcc-x86-64-linux-gnu' : 'gcc-aarch64-linux-gnu'
}

function build(): void {
  for (const { command, from, isNeeded } of TOOLS) {
    if (spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0) continue
    console.log(
      `there is no ${command} (apt-get install ${from})${isNeeded ? '' : ': the package is for fewer machines'}`,
    )
    if (isNeeded) process.exit(1)
  }
  const executable = readFileSync(join(root, 'dist', 'policyd-weight'), 'utf8')
  const { DEBFULLNAME = 'policyd-weight maintainers', DEBEMAIL = 'maintainers@policyd-weight.invalid' } = process.env
  const facts: PackageFacts = {
    version: packageJson.version,
    addons: [...executable.matchAll(/^\/\/: src\/system\/native\/addon\.c (\w+)$/gm)].map(([, arch]) => arch as string),
    maintainer: `${DEBFULLNAME} <${DEBEMAIL}>`,
  }
  mkdirSync(output, { recursive: true })
  report(buildDeb(facts, dateOfSources()))
  report(packForNpm())
}

/** Packs what `files` of package.json names, with a package.json without scripts: npm would warn users of them. */
function packForNpm(): string {
  const { scripts: _scripts, devDependencies: _devDependencies, ...manifest } = packageJson
  const stage = mkdtempSync(join(tmpdir(), 'policyd-weight-npm-'))
  try {
    for (const path of [...packageJson.files, 'README.md', 'LICENSE']) {
      mkdirSync(dirname(join(stage, path)), { recursive: true })
      copyFileSync(join(root, path), join(stage, path))
    }
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
    const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', output], {
      cwd: stage,
      encoding: 'utf8',
    })
    return join(output, packed.trim())
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** Returns the path of the package. */
function buildDeb(facts: PackageFacts, date: Date): string {
  const notices = execFileSync(process.execPath, [join(root, 'dist', 'policyd-weight'), '--licenses'], {
    encoding: 'utf8',
  })
  const files = packageFiles(root, facts, date, notices)
  const stage = mkdtempSync(join(tmpdir(), 'policyd-weight-package-'))
  try {
    for (const file of files) writeStaged(stage, file)
    for (const file of describeToDpkg(facts, files)) writeStaged(stage, file)
    const target = join(output, `policyd-weight_${packageVersion(facts)}_${architectureOf(facts)}.deb`)
    const seconds = String(Math.floor(date.getTime() / 1000))
    chmodSync(stage, 0o755)
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', stage, target], {
      env: { ...process.env, SOURCE_DATE_EPOCH: seconds },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return target
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** The files in DEBIAN/. */
function describeToDpkg(facts: PackageFacts, files: readonly PackageFile[]): PackageFile[] {
  const contents = files.flatMap(file => ('content' in file ? [file] : []))
  const bytes = contents.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
  const sums = contents.map(({ path, content }) => `${createHash('md5').update(content).digest('hex')}  ${path}\n`)
  const source = (name: string): string => readFileSync(join(root, 'scripts', 'package', 'debian', name), 'utf8')
  return [
    { path: 'DEBIAN/control', mode: 0o644, content: renderControl(facts, bytes) },
    { path: 'DEBIAN/md5sums', mode: 0o644, content: sums.sort().join('') },
    { path: 'DEBIAN/triggers', mode: 0o644, content: source('triggers') },
    ...MAINTAINER_SCRIPTS.map(name => ({ path: `DEBIAN/${name}`, mode: 0o755, content: source(name) }) as const),
  ]
}

function writeStaged(stage: string, file: PackageFile): void {
  const path = join(stage, file.path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  if ('linkTo' in file) symlinkSync(file.linkTo, path)
  else {
    writeFileSync(path, file.content)
    chmodSync(path, file.mode)
  }
}

/** When the sources were committed; without git, when the executable was built. */
function dateOfSources(): Date {
  const { SOURCE_DATE_EPOCH } = process.env
  if (SOURCE_DATE_EPOCH !== undefined) return new Date(Number(SOURCE_DATE_EPOCH) * 1000)
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' })
  return status === 0 ? new Date(Number(stdout) * 1000) : statSync(join(root, 'dist', 'policyd-weight')).mtime
}

function report(path: string): void {
  console.log(`${path.slice(root.length + 1)}: ${statSync(path).size} bytes`)
}

process.umask(0o022)
build()

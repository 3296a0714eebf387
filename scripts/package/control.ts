/**
 * What dpkg has to know of the package: name, version, for which machines, what it needs.
 *
 *   version, native parts inside, size → DEBIAN/control, changelog.Debian
 *
 * One package serves every machine if the executable has the native part of all it can have: nothing in it is compiled
 * otherwise. If a compiler was missing the package is one for the machines it has the native part of, and says so in its
 * name; on others mail would be scored without the shared cache.
 *
 * The Perl implementation is a package of the same name with versions below ours, so installing this one is an upgrade:
 * nothing needs to conflict with anything.
 *
 * Pure. Source: Debian Policy 4.4, 5.
 */

/** Counts what is changed in packaging alone. */
const REVISION = 1

/** `process.arch` → dpkg's name, for all that src/native is compiled for. */
const DEBIAN_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

export interface PackageFacts {
  /** As in package.json: `1.2.3`. */
  readonly version: string
  /** Those of `process.arch` that the executable has a native part for; one at least. */
  readonly addons: readonly string[]
  /** `NAME <ADDRESS>`. */
  readonly maintainer: string
}

export function packageVersion({ version }: PackageFacts): string {
  return `${version}-${REVISION}`
}

/** `all`, or the one architecture there is a native part for. */
export function architectureOf({ addons }: PackageFacts): string {
  const names = addons.flatMap(arch => DEBIAN_ARCHITECTURES[arch] ?? [])
  const [only] = names
  if (only === undefined) throw new Error('the executable has no native part; it takes a C compiler: gcc libc6-dev')
  return names.length === Object.keys(DEBIAN_ARCHITECTURES).length ? 'all' : only
}

export function renderControl(facts: PackageFacts, installedBytes: number): string {
  return `Package: policyd-weight
Version: ${packageVersion(facts)}
Architecture: ${architectureOf(facts)}
Maintainer: ${facts.maintainer}
Installed-Size: ${Math.ceil(installedBytes / 1024)}
Depends: adduser, nodejs (>= 20.19)
Suggests: postfix
Section: mail
Priority: optional
Description: weighted policy server for Postfix
 Before the body of a mail is accepted, it scores the client - DNS block lists,
 the envelope sender's domain and the HELO name against DNS, the client's
 address - and answers accept, defer or reject. No single clue rejects a mail,
 unless it is a listing about this very client or domain, and nothing that
 breaks on its side ever does.
 .
 It takes the place of policyd-weight 0.1.15, the Perl implementation, with the
 same configuration file, the same verdicts and the same log lines.
`
}

/** The changelog of the packaging; what changes for mail servers is in the other one, CHANGELOG.md. */
export function renderDebianChangelog(facts: PackageFacts, date: Date): string {
  const [day, number, month, year, time] = date.toUTCString().split(' ')
  return `policyd-weight (${packageVersion(facts)}) unstable; urgency=medium

  * Packaged as released; changelog.gz says what is new.

 -- ${facts.maintainer}  ${day} ${number} ${month} ${year} ${time} +0000
`
}

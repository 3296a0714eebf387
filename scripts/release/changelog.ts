/**
 * The changelog of a release: the section "Unreleased" gets its version and date, a new empty one is not made.
 *
 *   withRelease('# Changelog\n\n## Unreleased\n\n* x\n', '0.3.0', '2026-01-02') → '# Changelog\n\n## 0.3.0 – 2026-01-02\n\n* x\n'
 *
 * Failure: what is wrong, for people.
 */

export function withRelease(text: string, version: string, date: string): string | { readonly fault: string } {
  const heading = /^## Unreleased$/m.exec(text)
  if (!heading) return { fault: 'CHANGELOG.md has no section "Unreleased"' }
  if (new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm').test(text))
    return { fault: `CHANGELOG.md has a section ${version} already` }
  const rest = text.slice(heading.index + heading[0].length)
  const section = rest.slice(0, /^## /m.exec(rest)?.index ?? rest.length)
  if (!/^\* /m.test(section)) return { fault: 'the section "Unreleased" of CHANGELOG.md says nothing' }
  return `${text.slice(0, heading.index)}## ${version} – ${date}${rest}`
}

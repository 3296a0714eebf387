/**
 * The package's copyright file, in the form that programs read.
 *
 *   what `policyd-weight --licenses` prints → usr/share/doc/policyd-weight/copyright
 *
 * The executable is one file with other packages inside, so one paragraph names all holders and licences, and each text
 * follows once, under its name; which package has which stands in a comment. A text that differs from another of the same
 * name gets a name of its own: none is left out, none is taken for another.
 *
 * Failure: a notice that is not understood throws, and there is no package.
 * Source: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
 */

interface Notice {
  /** `yargs 18.0.0`. */
  readonly what: string
  readonly licence: string
  readonly holders: readonly string[]
  /** Without title and holders, a line each for what was a paragraph. */
  readonly text: string
}

const RULE = `\n${'-'.repeat(72)}\n\n`

/** The whole file. `notices` is the text of third-party-notices.ts. */
export function renderCopyright(notices: string, year: number): string {
  const parsed = notices === '' ? [] : notices.split(RULE).map(parseNotice)
  const names = nameLicences(parsed)
  const holders = [...new Set(parsed.flatMap(notice => notice.holders))].sort()
  const licences = ['GPL-2+', ...new Set(names.values())]
  const which = parsed.map(notice => ` ${notice.what}: ${names.get(notice)}, ${notice.holders.join('; ')}\n`)
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: policyd-weight

Files: *
Copyright: ${[`${year} the authors of policyd-weight`, ...holders].join('\n           ')}
License: ${licences.join(' and ')}
Comment: policyd-weight itself is under GPL-2+. Its executable has inside:
${which.join('')}
License: GPL-2+
${indent(GPL)}
${[...textsByName(parsed, names)].map(([name, text]) => `\nLicense: ${name}\n${indent(text)}\n`).join('')}`
}

const GPL = `This program is free software; you can redistribute it and/or modify it under the terms of the GNU General Public
License as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later
version.

On Debian systems its text is in /usr/share/common-licenses/GPL-2.`

function parseNotice(notice: string): Notice {
  const head = /^(\S+ \S+) \(([\w.-]+)\)\n\n/.exec(notice)
  if (!head?.[1] || !head[2]) throw new Error(`no licence notice: ${notice.slice(0, 60)}`)
  const lines = notice.slice(head[0].length).trim().split('\n')
  const holders = lines.filter(isHolder).map(line => line.replace(/^copyright (?:\(c\) )?/i, '').trim())
  if (holders.length === 0) throw new Error(`${head[1]}: no copyright line in its licence`)
  const paragraphs = lines
    .filter(line => !isHolder(line) && !isTitle(line))
    .join('\n')
    .trim()
    .split(/\n\s*\n/)
  const text = paragraphs.map(paragraph => paragraph.replace(/\s+/g, ' ').trim()).join('\n\n')
  return { what: head[1], licence: head[2], holders, text }
}

function isHolder(line: string): boolean {
  return /^copyright .*\w/i.test(line.trim()) && !/^copyright (?:notice|holders?)\b/i.test(line.trim())
}

function isTitle(line: string): boolean {
  return /^(?:the )?(?:mit|isc) license(?: \((?:mit|isc)\))?:?$/i.test(line.trim())
}

/** `MIT`, and `MIT-2` for another text of that name. */
function nameLicences(notices: readonly Notice[]): ReadonlyMap<Notice, string> {
  const texts = new Map<string, string[]>()
  return new Map(
    notices.map(notice => {
      const known = texts.get(notice.licence) ?? []
      texts.set(notice.licence, known)
      if (!known.includes(notice.text)) known.push(notice.text)
      const index = known.indexOf(notice.text)
      return [notice, index === 0 ? notice.licence : `${notice.licence}-${index + 1}`]
    }),
  )
}

function textsByName(notices: readonly Notice[], names: ReadonlyMap<Notice, string>): ReadonlyMap<string, string> {
  return new Map(notices.map(notice => [names.get(notice) ?? notice.licence, notice.text]))
}

/** A blank in front of each line, a dot for an empty one. */
function indent(text: string): string {
  return text
    .split('\n')
    .map(line => ` ${line === '' ? '.' : line}`)
    .join('\n')
}

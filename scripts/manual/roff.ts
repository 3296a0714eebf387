/**
 * The little of the language of manual pages that ours need.
 *
 * Text → roff for man(7). Whatever is a command, a name or a value gets hyphens that can be copied into a shell, and
 * quotes that stay what they are; no text can begin a line with a request.
 *
 * Pure, no errors. Source: groff_man(7), groff_char(7).
 */

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '-': '\\-',
  '–': '\\(en',
}

/** Any text as it stands; not at the beginning of a line. */
export function escapeRoff(text: string): string {
  return text.replace(/[\\'`^~–-]/g, character => ESCAPES[character] ?? character)
}

/** A paragraph's text as a line of its own. */
export function line(text: string): string {
  return `\\&${escapeRoff(text)}\n`
}

export function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`
}

export function italic(text: string): string {
  return `\\fI${escapeRoff(text)}\\fR`
}

/** The head of a page, with names whole and texts flush left: `title('policyd-weight', 8, '2026-01-02', '0.2.0', 'System Administration')`. */
export function title(name: string, section: number, date: string, version: string, manual: string): string {
  return `.TH ${name.toUpperCase()} ${section} "${date}" "policyd\\-weight ${version}" "${manual}"\n.nh\n.ad l\n`
}

export function section(name: string): string {
  return `.SH "${name.toUpperCase()}"\n`
}

/** A term with its explanation indented below; both are roff already. */
export function entry(term: string, explanation: string): string {
  return `.TP\n\\&${term}\n${explanation}`
}

/** Lines as they stand, indented, below a paragraph. */
export function example(text: string): string {
  const lines = text.trimEnd().split('\n')
  return `.PP\n.RS 4\n.nf\n${lines.map(line).join('')}.fi\n.RE\n`
}

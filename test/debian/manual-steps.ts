/**
 * The numbered steps of a page of the manual, as what somebody does who follows them.
 *
 *   between(readme, 'Otherwise, by hand:', '### ') → manualSteps → [{ kind: 'run', command: 'postfix reload' }, …]
 *
 * A block is what is appended to the file that the sentence in front of it names, or else commands; a command of Postfix,
 * systemd or this program in the middle of a sentence is run as well. All in the order of the page.
 *
 * Failure: a page that has no such part, or no step in it, is thrown: then it leads nowhere.
 */

export type ManualStep =
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'append'; readonly path: string; readonly text: string }

const BLOCK = /^ {3}```\n([\s\S]*?)^ {3}```$/
const COMMAND = /`((?:postconf|postfix|policyd-weight|systemctl) [^`\n]+)`/
const FILE = /`(\/etc\/[^`\n]+|(?:main|master)\.cf)`/
const ANY = new RegExp([BLOCK, COMMAND, FILE].map(({ source }) => source).join('|'), 'gm')

/** A part of a page. */
export function between(page: string, start: string, end: string): string {
  const from = page.indexOf(start)
  const to = page.indexOf(end, from + start.length)
  if (from < 0 || to < 0) throw new Error(`the page has nothing from "${start}" to "${end}"`)
  return page.slice(from, to)
}

export function manualSteps(part: string): ManualStep[] {
  const steps: ManualStep[] = []
  for (const step of part.split(/^(?=\d\. )/m).slice(1)) {
    let file: string | undefined
    // What is not indented belongs to no step.
    for (const [, block, command, named] of (step.split(/\n\n(?=\S)/)[0] ?? '').matchAll(ANY)) {
      if (command !== undefined) steps.push({ kind: 'run', command })
      if (named !== undefined) file = named.startsWith('/') ? named : `/etc/postfix/${named}`
      if (block === undefined) continue
      const text = block.replace(/^ {3}/gm, '')
      steps.push(file === undefined ? { kind: 'run', command: text } : { kind: 'append', path: file, text })
      file = undefined
    }
  }
  if (steps.length === 0) throw new Error('no step is found')
  return steps
}

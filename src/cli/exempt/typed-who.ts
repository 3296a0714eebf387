/**
 * WHO as people type it: with blanks around it, in brackets, as a refusal that was copied, as other programs write networks.
 *
 *   exempt.ts: what was typed → readTypedWho → Who, or what is wrong with it and what may have been meant
 *
 * What can only mean one thing is taken for that; what could mean more is refused, with what to type.
 *
 * Total; looks which configuration serves where none is named (own-command.ts).
 */
import { ownCommand } from '../../config/own-command.ts'
import type { Who } from '../../exceptions/exception.ts'
import { readWho } from '../../exceptions/who.ts'
import { quotedReference } from '../../policy/quoted-reference.ts'
import { readReference } from '../../policy/reference.ts'

/** What is a word of the command line in other programs. */
const VERBS = /^(?:add|delete|help|list|remove|rm|show)$/i

/** `path`: of the configuration. */
export function readTypedWho(typed: string, path: string | undefined): Who | string {
  const text = typed.trim().replace(/^\[([\d.:a-f]+)\]$/i, '$1')
  if (text === '') return 'WHO is empty: an address, a network, a name, or a sender or recipient'
  if (VERBS.test(text))
    return `"${text}" is no WHO: exempt alone lists, exempt WHO adds, exempt --remove WHO takes away`
  const reference = quotedReference(text) ?? readReference(text)
  if (reference !== undefined)
    return `"${text}" is a reference and no client: ${ownCommand(path, ['why', reference])} says which that was, and how to exempt it`
  if (/\s/.test(text)) return `"${text}" is more than one word: WHO is one, ACTION another`
  const who = readWho(text)
  if (typeof who !== 'string') return who
  const meant = meantBy(text).find(other => typeof readWho(other) !== 'string')
  return meant === undefined ? who : `${who}; perhaps ${meant}?`
}

/** What others write so: `192.0.2.*`, `192.0.2.`, `*.example.org`. */
function meantBy(text: string): readonly string[] {
  const octets = /^(\d+(?:\.\d+){0,2})(?:\.\*?)?$/.exec(text)?.[1]?.split('.')
  if (octets) return [`${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${octets.length * 8}`]
  return [text.replace(/^\*\./, '.'), text.replace(/\.$/, '')]
}

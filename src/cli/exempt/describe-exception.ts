/**
 * What an exception does, for whoever has just written it: a name is a client's, and who meant senders sees it here.
 *
 *   exempt.ts: Who, action → describeException → lines below the one that was written
 *
 * Total; looks which configuration serves where none is named (own-command.ts). Source: docs/exceptions.md#who.
 */
import { ownCommand } from '../../config/own-command.ts'
import type { ExceptionAction, NameKind, Who } from '../../exceptions/exception.ts'

const ENDS: Readonly<Record<ExceptionAction, string>> = {
  ACCEPT: 'scored, and neither refused nor deferred',
  SKIP: 'not scored',
  DRY: 'scored, and not refused; the header says what would have been',
}

/** `'partner.example'` → `['for clients whose confirmed name is …:', 'scored, …', 'for mail from addresses …: policyd-weight exempt sender:.…']`. `path`: of the configuration. */
export function describeException(who: Who, action: ExceptionAction, path: string | undefined): readonly string[] {
  const whom = who.kind === 'network' ? describeNetwork(who) : describeName(who.key)
  return [`for ${whom}:`, `${ENDS[action]}`, ...hintsOf(who, path)]
}

function describeNetwork({ text, network: { first, last } }: Extract<Who, { kind: 'network' }>): string {
  return first === last ? `the client ${text}` : `clients in ${text}`
}

function describeName(key: string): string {
  const name = key.slice(1)
  const address = name.startsWith('.')
    ? `addresses in ${name.slice(1)} and all below`
    : name.endsWith('@')
      ? `${name} of any domain`
      : name
  switch (key.charAt(0) as NameKind) {
    case 'n':
      return name.startsWith('.')
        ? `clients whose confirmed name is ${name.slice(1)} or ends in ${name}`
        : `clients whose confirmed name is ${name}`
    case 'h':
      return `clients that say HELO ${name}, whoever they are`
    case 'r':
      return `mail to ${address}`
    case 's':
      return `mail from ${address}, where SPF or DNS shows it to be theirs`
    case 't':
      return `mail from ${address}, whoever sends it`
  }
}

function hintsOf(who: Who, path: string | undefined): readonly string[] {
  const domain = who.kind === 'name' && who.key.startsWith('n') ? who.key.slice(1).replace(/^\./, '') : ''
  if (!domain.includes('.')) return []
  return [`for mail from addresses of that domain: ${ownCommand(path, ['exempt', `sender:.${domain}`])}`]
}

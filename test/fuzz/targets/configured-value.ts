/**
 * What a value of the configuration may be, by its row in the table of parameters.
 *
 *   configuration.ts: row and value → expectValue → nothing, or a Violation
 *
 * Written from the columns of the table (config/parameters/parameter.ts), not from the reader that checks them.
 */

import type { ConfiguredList, Parameter, ScorePair } from '../../../src/config/parameters/parameter.ts'
import type { Pattern } from '../../../src/patterns/pattern.ts'
import { canExist } from '../../../src/dns/names.ts'
import type { ConfiguredZone } from '../../../src/lists/zone.ts'
import { finishAction, renderReply } from '../../../src/policy/reply.ts'
import { extendMessage } from '../../../src/text/message.ts'
import { expect } from '../target.ts'
import { expectReply } from './expect-reply.ts'

const GREATEST = 1e9
const MAX_TEXT_CHARACTERS = 8192
/** An IPv6 client, reversed, in front of a list's host. */
const LONGEST_REVERSED = `${'0.'.repeat(31)}0`

/** Throws a Violation unless `value` is one that a parameter of this row may have. */
export function expectValue(row: Parameter, value: unknown): void {
  const property = `$${row.name} is a ${row.kind}`
  const details = (): string => JSON.stringify(value) ?? String(value)
  const must = (holds: boolean): void => expect(holds, property, details)
  switch (row.kind) {
    case 'switch':
      must(typeof value === 'boolean')
      return
    case 'count':
    case 'duration':
      must(isNumber(value, row.range) && Number.isInteger(value) && (value as number) >= 0)
      return
    case 'seconds':
      must(isNumber(value, row.range) && (value as number) >= 0)
      return
    case 'score':
      must(isNumber(value, row.range))
      return
    case 'text':
      must(isText(value))
      return
    case 'message':
      must(isText(value))
      if (!(row.emptyAllowed && value === '')) expectAnswerable(value as string)
      return
    case 'words':
      must(Array.isArray(value) && value.every(word => isText(word) && /^\S+$/.test(word)))
      return
    case 'score-pair':
      must(
        Object.keys(value as ScorePair).join() === 'bad,good' &&
          Object.values(value as ScorePair).every(score => isNumber(score)),
      )
      return
    case 'patterns':
      must(
        Array.isArray(value) && value.every(({ source, flags }: Pattern) => isText(source) && /^[imsxn]*$/.test(flags)),
      )
      return
    case 'labels':
      must(Array.isArray(value) && value.every(label => isText(label) && /^[!-~]+$/.test(label)))
      return
    case 'names':
      must(Array.isArray(value) && value.every(name => isText(name) && /^[\w.:-]+$/.test(name)))
      return
    case 'zones':
      must(Array.isArray(value))
      // What a list that cannot be used calls secret stays so, whatever it is.
      for (const { zone, words } of value as ConfiguredZone[])
        must((isHost(zone) || words === 'secret') && (words === '' || /^[a-z]\S*(?: [a-z]\S*)*$/.test(words)))
      return
    case 'lists':
      must(Array.isArray(value))
      for (const entry of value as ConfiguredList[]) must(isListEntry(entry))
  }
}

function isNumber(value: unknown, [least, greatest]: readonly [number, number] = [-GREATEST, GREATEST]): boolean {
  return typeof value === 'number' && value >= least && value <= greatest && !Object.is(value, -0)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT_CHARACTERS
}

function isHost(host: string): boolean {
  return /^[a-z0-9_.-]+$/.test(host) && canExist(`${LONGEST_REVERSED}.${host}`)
}

function isListEntry({ host, filter, hit, miss, label }: ConfiguredList): boolean {
  const octets = filter?.octets ?? []
  const isFilter = filter === undefined || octets.length === 4
  const ranges = octets.flat()
  const areRanges = ranges.every(({ first, last }) => first >= 0 && first <= last && last <= 255)
  return isHost(host) && isFilter && areRanges && isNumber(hit) && isNumber(miss) && !/[\x00-\x1f\x7f]/.test(label)
}

/** Whatever stands behind a message, and with nothing behind it, Postfix understands the answer. */
function expectAnswerable(message: string): void {
  for (const text of ['', ' [cached]', '; MTA helo: \x00\xff\n\n']) {
    const action = extendMessage(message, text)
    expectReply(renderReply(finishAction(action, message)))
  }
}

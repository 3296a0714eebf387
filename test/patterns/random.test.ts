/**
 * Random patterns and texts: both matchers say what V8's own engine says, whenever their steps suffice.
 */
import t from 'tap'
import { isBadPattern, readPattern } from '../../src/patterns/pattern.ts'
import { matches } from '../../src/patterns/match.ts'
import { Steps } from '../../src/patterns/steps.ts'
import { randomFrom } from '../support/random.ts'

const PATTERNS = 6000
const TEXTS = 3
const ENOUGH = 200_000

const random = randomFrom(4711)

function pick<T>(all: readonly T[]): T {
  return all[random(all.length)] as T
}

/** A pattern in notation that means the same to Perl and to V8. */
function somePattern(depth: number): string {
  const inner = (): string => somePattern(depth - 1)
  switch (random(depth > 0 ? 14 : 5)) {
    case 0:
      return pick(['a', 'b', 'c', '.', '1', '-'])
    case 1:
      return pick(['\\d', '\\w', '\\s', '\\W', '\\D', '\\S', '\\.', '\\b', '\\B'])
    case 2:
      return pick(['[ab]', '[^a]', '[a-c1]', '[\\w-]', '[^\\d.]', '[\\]a]'])
    case 3:
      return pick(['^', '$', 'a', 'ab'])
    case 4:
      return pick(['a', 'b', 'ab', 'c1'])
    case 8:
      return `(?:${inner()}|${inner()})`
    case 9:
      return `(${inner()})`
    case 10:
    case 11:
      return `(?:${inner()})${pick(['*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}'])}`
    case 12:
      return `${pick(['a', 'b', '[ab]', '\\w'])}${pick(['*', '+', '?', '{2,3}'])}`
    case 13:
      return `(?${pick(['=', '!', '<=', '<!'])}${inner()})`
    default:
      return inner() + inner()
  }
}

/** Sometimes with a back reference, from outside of any look-behind to a group that has matched by then: there V8 and Perl agree. */
function withReference(source: string): string {
  return random(6) > 0 ? source : `(a|b)${source.replace(/\((?!\?)/g, '(?:')}\\1`
}

/** What V8 makes of it; `\s` has more characters there. */
function native(source: string, flags: string): RegExp {
  return new RegExp(source.replaceAll('\\s', '[\\t-\\r ]').replaceAll('\\S', '[^\\t-\\r ]'), flags)
}

t.test('the same as V8 says', t => {
  const seen = { linear: 0, bounded: 0, matched: 0, exhausted: 0 }
  for (let count = 0; count < PATTERNS; count++) {
    const source = withReference(somePattern(4))
    const flags = pick(['', 'i', 's'])
    const pattern = readPattern(source, flags)
    if (isBadPattern(pattern) || pattern.engine === 'none') {
      t.fail(`${source} is refused`)
      continue
    }
    seen[pattern.engine]++
    for (let texts = 0; texts < TEXTS; texts++) {
      const text = Array.from({ length: random(12) }, () => pick(['a', 'b', 'c', '1', '.', '-', 'A', 'B', ' '])).join(
        '',
      )
      const got = matches(pattern, text, new Steps(ENOUGH))
      if (got === undefined) seen.exhausted++
      else if (got) seen.matched++
      const want = native(source, flags).test(text)
      if (got !== undefined && got !== want) t.equal(got, want, `/${source}/${flags} and ${JSON.stringify(text)}`)
    }
  }
  t.ok(seen.linear > 1000 && seen.bounded > 1000, `${seen.linear} linear, ${seen.bounded} bounded`)
  t.ok(seen.matched > 1000, `${seen.matched} matches`)
  t.ok(seen.exhausted < PATTERNS / 100, `${seen.exhausted} without an end`)
  t.end()
})

t.test('more steps never change an answer', t => {
  for (let count = 0; count < 500; count++) {
    const source = somePattern(3)
    const pattern = readPattern(source, '')
    if (isBadPattern(pattern)) continue
    const want = matches(pattern, 'ab-1.aab', new Steps(ENOUGH))
    for (const most of [1, 10, 100, 1000]) {
      const got = matches(pattern, 'ab-1.aab', new Steps(most))
      if (got !== undefined && got !== want) t.fail(`/${source}/ with ${most} steps`)
    }
  }
  t.pass('steps that do not suffice are told')
  t.end()
})

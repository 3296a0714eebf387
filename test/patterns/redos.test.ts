/**
 * Regular expressions that take other engines seconds, minutes or for ever (ReDoS), as postmasters have written them.
 *
 * What they cost is counted, in steps: each is a bounded piece of work, so a request pays a known price.
 */
import t from 'tap'
import { isBadPattern, type Pattern, readPattern } from '../../src/patterns/pattern.ts'
import { findMatch, matches, MAX_STEPS } from '../../src/patterns/match.ts'
import { Steps } from '../../src/patterns/steps.ts'

function patternOf(source: string, flags = ''): Pattern {
  const pattern = readPattern(source, flags)
  if (isBadPattern(pattern)) throw new Error(`${source}: ${pattern.expected}`)
  return pattern
}

t.test('what runs in linear time is settled', t => {
  const cases: [source: string, name: string, want: boolean][] = [
    ['^(\\w+\\.?)+mx$', `${'a'.repeat(28)}.example.org`, false],
    ['^(\\w+\\.?)+mx$', `${'mx.'.repeat(28)}example.org`, false],
    ['(x+x+)+y', `${'x'.repeat(250)}zy`, false],
    ['^(\\w+\\.?)+mx$', `${'ab.'.repeat(12)}example.org`, false],
    ['^(\\w+\\.?)+mx$', `${'ab.'.repeat(80)}mx`, true],
    ['^(?:[a-z0-9-]+\\.)*mail[0-9]*\\.', `${'mail'.repeat(40)}.example.org`, false],
    ['^([a-z0-9]+[.-]?)*\\.outlook\\.com$', `${'a'.repeat(30)}.spam.example`, false],
    ['(.*\\d.*)+\\.dyn\\.', `${'1'.repeat(30)}.example`, false],
    ['^(.+\\.)+google\\.com$', `${'a.'.repeat(100)}evil.example`, false],
    ['(x+x+)+y', 'x'.repeat(250), false],
    ['^mail.*\\.(yahoo|google)\\.com$', `mail${'a'.repeat(200)}`, false],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(250), false],
    ['(a?){60}a{60}$', 'a'.repeat(60), true],
  ]
  for (const [source, name, want] of cases) {
    const pattern = patternOf(source)
    t.equal(pattern.engine, 'linear', source)
    const steps = new Steps(MAX_STEPS)
    t.equal(matches(pattern, name, steps), want, `/${source}/ and a name of ${name.length}`)
    t.ok(steps.left >= 0, `${MAX_STEPS - steps.left} steps`)
  }
  t.end()
})

t.test('the steps of a name grow with its length, not faster', t => {
  const pattern = patternOf('^(([a-z]+\\.?)*x?)+mx$')
  const stepsFor = (length: number): number => {
    const steps = new Steps(1e9)
    matches(pattern, `${'a'.repeat(length)}mx-`, steps)
    return 1e9 - steps.left
  }
  t.ok(stepsFor(2000) < 2.1 * stepsFor(1000), `${stepsFor(1000)}, ${stepsFor(2000)}`)
  t.end()
})

t.test('what does not is given up, told once, and matches nobody', t => {
  for (const source of [
    '(?!q)(x+x+)+[yz]',
    '^(x+)\\1+[yz]',
    '(?<=^.*)y.*z.*z.*z',
    '((?=x)x*)*y',
    '(?>(x|xx)+)+(?=y)z',
  ]) {
    const patterns = [patternOf(source)]
    t.equal(patterns[0]?.engine, 'bounded', source)
    const name = `${'x'.repeat(8000)}${source.includes('?<=') ? 'y'.repeat(100) : ''}`
    const first = findMatch(patterns, name)
    t.equal(first.which, undefined, `${source} matches nobody`)
    t.ok(first.notes.length <= 1)
    t.same(findMatch(patterns, name).notes, [], `${source}: told once`)
    for (const note of first.notes) t.match(note, /^@dnsbl_checks_only_regexps: pattern 1 takes too many steps/)
  }
  t.match(findMatch([patternOf('(?!q)(x+x+)+[yz]')], 'x'.repeat(30)).notes, [/too many steps/])
  t.end()
})

t.test('many patterns and a long name share the steps of one request', t => {
  const patterns = Array.from({ length: 500 }, (_, index) => patternOf(`(?!q)(x+x+)+[yz]{${index + 1}}`))
  const { which, notes } = findMatch(patterns, 'x'.repeat(8000))
  t.equal(which, undefined)
  t.equal(notes.length, 500, 'none is left in the dark')
  t.end()
})

t.test('a pattern that is given up does not keep another from matching', t => {
  const evil = patternOf('(?!q)(x+x+)+[yz]')
  const good = patternOf('^x+$')
  const look = patternOf('^(?=x)x')
  const name = 'x'.repeat(40)
  t.equal(findMatch([evil, good], name).which, 2)
  t.equal(findMatch([evil, look], name).which, 2)
  t.equal(findMatch([evil, look, good], name).which, 2, 'the first one that matches')
  t.equal(findMatch([patternOf('(?{1})x'), good], name).which, 2, 'one that is not run matches nobody')
  t.same(findMatch([], name), { which: undefined, notes: [] })
  t.end()
})

t.test('sixty patterns of everyday settle a name of 255', t => {
  const patterns = Array.from({ length: 60 }, (_, index) => patternOf(`^mail.*\\.host${index}\\.example\\.com$`, 'i'))
  const name = `mail.${'a'.repeat(200)}.host59.example.com`
  t.same(findMatch(patterns, name), { which: 60, notes: [] })
  t.end()
})

t.test('what a name must have is looked for first, whatever its case', t => {
  const cases: [source: string, flags: string, name: string, want: boolean][] = [
    ['^mail.*\\.Example\\.com$', 'i', 'mail.example.com', true],
    ['EXAMPLE', 'i', 'example', true],
    ['EXAMPLE', '', 'example', false],
    ['(ab)c(?=d)', '', 'abcd', true],
    ['a|bc', '', 'bc', true],
    ['ab?c', '', 'ac', true],
    ['a[bB]c', '', 'aBc', true],
    ['(?i:K)', '', 'k', true],
  ]
  for (const [source, flags, name, want] of cases)
    t.equal(matches(patternOf(source, flags), name, new Steps(1000)), want, `/${source}/${flags} and ${name}`)
  const steps = new Steps(1000)
  t.equal(matches(patternOf('(.*)*\\.dyn\\.example'), 'x'.repeat(8000), steps), false)
  t.equal(steps.left, 1000, 'no step is taken without it')
  t.end()
})

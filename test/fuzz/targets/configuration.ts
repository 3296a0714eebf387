/**
 * Target "configuration": a configuration file, from its bytes to the values that serve.
 *
 *   bytes → a file → loadConfig → Config and findings
 *
 * Properties: never rejects; findings
 * are one line of printable ASCII each, in the order of the file, point at a place in it and show no subscriber's key; a file
 * with an error is not used at all: the built-in values serve; every value is what its row of the table allows; every message can be answered
 * with; the places of values are in the file; time grows with the length alone.
 */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Position } from '../../../src/config/findings/finding.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { LoadedConfig } from '../../../src/config/loaded.ts'
import type { Config } from '../../../src/config/parameters/parameters.ts'
import { sigilOf } from '../../../src/config/parameters/parameter.ts'
import { readConfiguration } from '../../../src/config/read.ts'
import { ROWS } from '../../../src/config/parameters/rows.ts'
import { expect, hashOf, type Mutator, type Target, type Trial } from '../target.ts'
import { replaced } from '../mutate.ts'
import { expectValue } from './configured-value.ts'

const FILE_NAME = 'x.conf'
/** 50 errors and 50 warnings, and of each a line that says there are more. */
const MAX_FINDINGS = 102
/** One input in so many is read out of a file as well. */
const FILES_IN = 16
const FILE_FAULTS: ReadonlySet<string> = new Set(['file-binary', 'file-too-large'])

/** Part of a list's name that nobody may see; so much of it is as good as all. */
const KEY = 'q7x2kd9w4mzv8h3tj6rp1bn5cy'
/** Behind a $ it would be the name of a variable, behind a letter the end of another word. */
const KEY_OF_A_LIST = new RegExp(`(?<![\\w{$-])${KEY}[.]zen[.]dq[.]spamhaus[.]net`, 'g')
const SHOWN_OF_KEY = 10

type Reading = Pick<LoadedConfig, 'config' | 'findings' | 'origins'>

const VALUES = [
  ...['1', '0', '-1.5', '1e3', '.5', '1_000', "'3h'", "'15m'", '"550 no"', "'DUNNO'", "'rc:strict'", "''", 'undef'],
  ...["'-0'", '1000000', '1000000001', '99999999999', '-1', '0.1', '65535', '65536'],
  ...['(1, -2)', '()', "('a.example', 1, 0, 'A')", "('a.b=127.0.0.[2;4..6]', 3, -1.5, 'X')", '(qr/^a\\.b/i, qr{c}x)'],
  ...[`('${KEY}.zen.dq.spamhaus.net=127.0.0.2', 1, 0, 'A')`, `("${KEY}.zen.dq.spamhaus.net", 1)`],
  ...["('a.example', 'ipv4 secret refused=127.0.0.[1..9]', 'b.example', 'domain')"],
  ...['qw(a b c)', 'q{a}', 'qq[$NS]', '"$LOCKPATH/x"', '$REJECTMSG . " [cached]"', "'0660'", "'192.0.2.53 [::1]:53'"],
]
const PIECES = [
  ...[
    'my ',
    'our ',
    '1;\n',
    '__END__\n',
    '=pod\n',
    '\n=cut\n',
    '# x\n',
    '\r\n',
    '\ufeff',
    '${',
    '}',
    '=>',
    '->',
    '<<E\n',
    '\nE\n',
  ],
  ...[
    'qr/',
    '/i',
    '[[:alpha:]]',
    '(?i)',
    '(?#',
    '(?<n>',
    '\\x{263a}',
    '\\A',
    '\\z',
    '\\cA',
    '\\N{U+41}',
    '\\o{101}',
    '@a',
    '\\@',
  ],
]

export const CONFIGURATION: Target = {
  name: 'configuration',
  about: /^src\/(?:config\/|lists\/filter\.ts$|dns\/resolv-conf\.ts$)/,
  maxBytes: 16 * 1024,
  maxSteps: bytes => 360_000 + 2000 * bytes,
  words: [
    `${KEY}.zen.dq.spamhaus.net`,
    ...PIECES,
    ...VALUES,
    ...ROWS.map(({ name, kind }) => `${sigilOf(kind)}${name}`),
  ],
  mutators: [addStatement(), addStatement(), setValue(), removeStatement(), quoteOtherwise()],
  open: folder => {
    const path = join(folder, FILE_NAME)
    writeFileSync(path, '')
    chmodSync(path, 0o644)
    return tryConfiguration(path)
  },
}

function tryConfiguration(path: string): Trial {
  return async input => {
    const text = Buffer.from(input.buffer, input.byteOffset, input.length).toString('utf8')
    expectReading(readText(text), text)
    // Files take a hundred times as long as texts.
    if (hashOf(input) % FILES_IN !== 0) return
    writeFileSync(path, input)
    const options = { file: path, keptPlaces: () => [] }
    const loaded = await loadConfig(options)
    const withOrigins = await loadConfig({ ...options, withOrigins: true })
    expectSame(loaded, withOrigins)
    expectReading(withOrigins, text)
  }
}

function readText(text: string): Reading {
  const { config, findings, origins } = readConfiguration(text, FILE_NAME)
  return { config, findings, origins }
}

function expectReading(reading: Reading, text: string): void {
  const { config, findings, origins } = reading
  const lines = linesOf(text)
  expectFindings(reading, lines)
  expectNoKey(findings, text)
  for (const places of origins.values()) for (const place of places) expectPlace('a value is in the file', place, lines)
  for (const row of ROWS) expectValue(row, config[row.name as keyof Config])
}

/** Lines as an editor shows them. */
function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, '').split(/\r\n|\n/)
}

function expectSame(one: Reading, other: Reading): void {
  const isSame = isDeepStrictEqual(one.config, other.config) && isDeepStrictEqual(one.findings, other.findings)
  expect(isSame, 'both readers agree', () => `${show(one)}\n${show(other)}`)
}

/** Unless the key, or a piece of it, stands elsewhere as well, where nothing says that it is one. */
function expectNoKey(findings: Reading['findings'], text: string): void {
  const lower = text.toLowerCase()
  const lists = lower.match(KEY_OF_A_LIST)?.length ?? 0
  if (lists === 0) return
  for (const piece of [KEY.slice(0, SHOWN_OF_KEY), KEY.slice(-SHOWN_OF_KEY)]) {
    if (timesIn(lower, piece) > lists) continue
    for (const finding of findings)
      expect(!finding.text.toLowerCase().includes(piece), "a subscriber's key is in no finding", () => finding.text)
  }
}

function timesIn(text: string, piece: string): number {
  return text.split(piece).length - 1
}

function expectFindings({ config, findings }: Reading, lines: readonly string[]): void {
  expect(findings.length <= MAX_FINDINGS, 'findings are bounded', () => `${findings.length}`)
  let last: Position = { line: 1, column: 1 }
  for (const { code, text, position } of findings) {
    expect(/^[\x20-\x7e]+$/.test(text), 'a finding is one line of printable ASCII', () => JSON.stringify(text))
    expect(position !== undefined || FILE_FAULTS.has(code), 'a finding about the text has a place', () => text)
    if (!position) continue
    expectPlace('a finding is in the file', position, lines)
    const isBehind = position.line > last.line || (position.line === last.line && position.column >= last.column)
    expect(isBehind, 'findings are in the order of the file', () => text)
    last = position
  }
  expect(
    (config.configError === '' && !config.faulty) || findings.some(({ severity }) => severity === 'error'),
    'what accepted mail is told is an error of the file',
    () => JSON.stringify(findings),
  )
}

/** A place is a character of its line, or right behind the last one. */
function expectPlace(property: string, { line, column }: Position, lines: readonly string[]): void {
  const length = lines[line - 1]?.length
  const isInside = length !== undefined && column >= 1 && column <= length + 1
  expect(isInside, property, () => `line ${line}, column ${column} of ${lines.length} lines, that one of ${length}`)
}

function show({ config, findings }: Reading): string {
  return JSON.stringify({ config, findings: findings.map(({ text }) => text) })
}

const SEMICOLON = 0x3b

/** A statement, from behind the last `;` to behind its own. */
function statementOf(input: Uint8Array, random: (below: number) => number): readonly [from: number, to: number] {
  const at = random(Math.max(1, input.length))
  const end = input.indexOf(SEMICOLON, at)
  return [at === 0 ? 0 : input.lastIndexOf(SEMICOLON, at - 1) + 1, end < 0 ? input.length : end + 1]
}

function addStatement(): Mutator {
  return (input, random) => {
    const [at] = statementOf(input, random)
    const row = ROWS[random(ROWS.length)] as (typeof ROWS)[number]
    const statement = `\n${sigilOf(row.kind)}${row.name} = ${VALUES[random(VALUES.length)]};`
    return replaced(input, at, at, Buffer.from(statement))
  }
}

function setValue(): Mutator {
  return (input, random) => {
    const [from, to] = statementOf(input, random)
    const equals = input.subarray(from, to).indexOf(0x3d)
    if (equals < 0) return input
    return replaced(input, from + equals + 1, to, Buffer.from(` ${VALUES[random(VALUES.length)]};`))
  }
}

function removeStatement(): Mutator {
  return (input, random) => {
    const [from, to] = statementOf(input, random)
    return replaced(input, from, to, new Uint8Array())
  }
}

/** Every quote of one kind becomes another sign. */
function quoteOtherwise(): Mutator {
  const SIGNS = [...'\'"/()[]{}<>,;.\\'].map(sign => sign.charCodeAt(0))
  return (input, random) => {
    const [from, to] = [SIGNS[random(SIGNS.length)], SIGNS[random(SIGNS.length)]]
    return input.map(byte => (byte === from ? (to as number) : byte))
  }
}

/**
 * The stored inputs of a target: one file, a line for each, in the order of their names.
 *
 *   test/fuzz/corpus/TARGET.jsonl → readCorpus → run.ts, corpus.test.ts
 *
 * A line is `{"name":"empty","text":""}`, of which each character is a byte, or `{"name":"…","base64":"…"}`, whichever is
 * shorter: what is text can be read, and what is not stays small.
 *
 * Failure: a file that is missing or empty is an exception, since nothing would be tried; so is a line that is none of
 * these, and a name that is there twice.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashOf } from './target.ts'

export const CORPUS_FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'corpus')

export interface StoredInput {
  readonly name: string
  readonly input: Uint8Array
}

/** In the order of the file. */
export function readCorpus(target: string, folder = CORPUS_FOLDER): StoredInput[] {
  const path = corpusPath(target, folder)
  const stored = readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map((line, index) => parseLine(line, `${path}:${index + 1}`))
  if (stored.length === 0) throw new Error(`there are no stored inputs of ${target}`)
  const names = new Set(stored.map(({ name }) => name))
  if (names.size < stored.length) throw new Error(`a name is twice in ${path}`)
  return stored
}

/** Adds an input to those of a target. Throws if another one has its name. */
export function addToCorpus(target: string, added: StoredInput, folder = CORPUS_FOLDER): void {
  const path = corpusPath(target, folder)
  const stored = existsSync(path) ? readCorpus(target, folder) : []
  const same = stored.find(({ name }) => name === added.name)
  if (same && Buffer.compare(same.input, added.input) === 0) return
  if (same) throw new Error(`there is another input "${added.name}" of ${target}`)
  const all = [...stored, added].sort((one, other) => (one.name < other.name ? -1 : 1))
  writeFileSync(path, all.map(renderLine).join(''))
}

/** `found-1a2b3c4d`: a name that follows from what the input is. */
export function nameFor(prefix: string, input: Uint8Array): string {
  return `${prefix}-${hashOf(input).toString(16).padStart(8, '0')}`
}

/** All files of a folder, in the order of their names. */
export function readFolder(path: string): Uint8Array[] {
  return readdirSync(path)
    .sort()
    .map(name => readFileSync(join(path, name)))
}

/** Writes an input to a file, as it is; returns its path. */
export function writeInput(folder: string, name: string, input: Uint8Array): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(path, input)
  return path
}

function corpusPath(target: string, folder: string): string {
  return join(folder, `${target}.jsonl`)
}

function parseLine(line: string, place: string): StoredInput {
  const { name, text, base64 } = JSON.parse(line) as Partial<Record<'name' | 'text' | 'base64', unknown>>
  if (typeof name === 'string' && typeof text === 'string' && !/[^\x00-\xff]/.test(text))
    return { name, input: Buffer.from(text, 'latin1') }
  if (typeof name === 'string' && typeof base64 === 'string') return { name, input: Buffer.from(base64, 'base64') }
  throw new Error(`${place}: neither {"name", "text"} nor {"name", "base64"}`)
}

function renderLine({ name, input }: StoredInput): string {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length)
  // In ASCII, which every tool shows alike.
  const text = JSON.stringify({ name, text: bytes.toString('latin1') }).replace(
    /[\x7f-\xff]/g,
    character => `\\u00${character.charCodeAt(0).toString(16)}`,
  )
  const base64 = JSON.stringify({ name, base64: bytes.toString('base64') })
  return `${text.length <= base64.length ? text : base64}\n`
}

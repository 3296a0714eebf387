/**
 * One request at one time of a recorded sequence, in a process of its own:
 *
 *   node sequence-process.cjs CONFIGURATION ADDON NOW-MS ATTRIBUTES → { action, asked } as JSON
 *
 * CONFIGURATION and ATTRIBUTES are JSON objects; `asked` are the DNS questions. Everything is the executable's own but
 * the clock. `sequenceInstance` is what recorded-sequence.test.ts runs in one process.
 */
import { writeSync } from 'node:fs'
import { openCache } from '../../src/cache/cache.ts'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { Consultant } from '../../src/consult.ts'
import { decide } from '../../src/decide.ts'
import { questionKey } from '../../src/dns/outcome.ts'
import { openTransport } from '../../src/dns/event-transport.ts'
import { Evaluator } from '../../src/evaluate.ts'
import type { Native } from '../../src/system/native/native.ts'
import { parseRequest } from '../../src/policy/request.ts'
import { requestText } from '../../testkit/policy-process.ts'

/** What a request was answered with, and what DNS was asked for it: `['A 10.2.0.192.zen.spamhaus.org', …]`. */
export interface Answered {
  readonly action: string
  readonly asked: readonly string[]
}

/** Something that answers requests at given times, as one process would. */
export function sequenceInstance(
  overrides: Partial<Config>,
  native: Native,
): (attributes: Readonly<Record<string, string>>, nowMs: number) => Promise<Answered> {
  const config = builtinConfig(overrides)
  let atMs = 0
  const nowMs = (): number => atMs
  let consultant: Consultant | undefined
  const warn = (text: string): never => {
    throw new Error(text)
  }
  return async (attributes, at) => {
    atMs = at
    consultant ??= new Consultant({
      config,
      cache: openCache(config, 'sequence.cache', () => native, nowMs, warn),
      evaluator: async () => new Evaluator(config, openTransport),
      nowMs,
    })
    const made = consultant
    const { action, evaluated } = await decide(parseRequest(requestText(attributes), warn), {
      config,
      consultant: async () => made,
      nowMs,
    })
    return { action, asked: (evaluated?.lookups ?? []).map(({ question }) => questionKey(question)) }
  }
}

async function main([configuration = '', addon = '', nowMs = '', attributes = '']: readonly string[]): Promise<void> {
  const module = { exports: {} }
  process.dlopen(module, addon)
  const answer = sequenceInstance(JSON.parse(configuration), module.exports as Native)
  const answered = await answer(JSON.parse(attributes), Number(nowMs))
  writeSync(1, JSON.stringify(answered))
  process.exit(0)
}

if (process.argv[1]?.endsWith('sequence-process.cjs')) void main(process.argv.slice(2))

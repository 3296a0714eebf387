/**
 * Why DNS messages are read and written by hand: what the first ones of a process cost (`npm run bench:messages`).
 *
 * Two programs do the same in fresh processes, by turns: load the code, write 14 queries, read 14 replies, which is what
 * a first verdict needs. One uses src/dns/message.ts, the other dns-packet. Prints the median of each, in milliseconds
 * within the process, and their ratio to the whole life of `node empty.js`. What V8 spends on reading the program before
 * it runs is not in it.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import dnsPacket from 'dns-packet'
import { buildSync } from 'esbuild'

const ROUNDS = 30
const MESSAGES = 14
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const REPLY = dnsPacket
  .encode({
    id: 7,
    type: 'response',
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type: 'MX', name: 'example.org' }],
    answers: [{ type: 'MX', name: 'example.org', data: { preference: 10, exchange: 'mail.example.org' } }],
  })
  .toString('base64')

const BODIES = {
  'message.ts': `
    const { encodeQuery, decodeReply } = require('./src/dns/message.ts')
    const query = { id: 7, question: { type: 'MX', name: 'example.org' }, edns: true }
    for (let i = 0; i < ${MESSAGES}; i++) { encodeQuery(query); decodeReply(reply, query) }`,
  'dns-packet': `
    const dnsPacket = require('dns-packet')
    const questions = [{ type: 'MX', name: 'example.org' }]
    const additionals = [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }]
    for (let i = 0; i < ${MESSAGES}; i++) {
      dnsPacket.encode({ id: 7, type: 'query', flags: dnsPacket.RECURSION_DESIRED, questions, additionals })
      dnsPacket.decode(reply)
    }`,
}

function program(body: string): string {
  const contents = `
    const reply = Buffer.from('${REPLY}', 'base64')
    const start = process.hrtime.bigint()
    ${body}
    require('node:fs').writeSync(1, String(Number(process.hrtime.bigint() - start) / 1e6))`
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
try {
  writeFileSync(join(folder, 'empty.js'), '')
  const samples = new Map<string, number[]>([['node empty.js', []]])
  for (const [name, body] of Object.entries(BODIES)) {
    writeFileSync(join(folder, `${name}.cjs`), program(body))
    samples.set(name, [])
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, ms] of samples) {
      const start = process.hrtime.bigint()
      const file = name === 'node empty.js' ? 'empty.js' : `${name}.cjs`
      const output = execFileSync(process.execPath, [join(folder, file)], { env: {} }).toString()
      ms.push(output === '' ? Number(process.hrtime.bigint() - start) / 1e6 : Number(output))
    }
  }
  const bare = median(samples.get('node empty.js') ?? [])
  console.log(`Node ${process.version}, ${ROUNDS} rounds, ${MESSAGES} queries and replies, milliseconds`)
  for (const [name, ms] of samples)
    console.log(
      `${name.padEnd(16)}${median(ms).toFixed(2).padStart(8)}   ${(median(ms) / bare).toFixed(3)} of bare Node`,
    )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

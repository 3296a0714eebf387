/**
 * Sends a query where no descriptor is free, and another one where some are; prints what it is told. For event-transport.test.ts, which
 * bounds the number of descriptors.
 */
import { closeSync, openSync } from 'node:fs'
import { openTransport } from '../../src/dns/event-transport.ts'

const told: string[] = []
const events = {
  received: (): unknown => told.push('received'),
  unreachable: (): unknown => told.push('unreachable'),
  timeUp: (): unknown => told.push('time up'),
}
const transport = openTransport([{ address: '127.0.0.1', port: Number(process.argv[2]), family: 4 }], events)
const taken: number[] = []
try {
  for (;;) taken.push(openSync('/dev/null', 'r'))
} catch {
  // Until there are no more.
}
transport.send(0, Buffer.from('query'), 0, true)
told.push('sent')
setTimeout(() => {
  for (const descriptor of taken) closeSync(descriptor)
  transport.send(0, Buffer.from('query'), 0, true)
}, 50)
const untilReceived = setInterval(() => {
  if (told.at(-1) !== 'received') return
  clearInterval(untilReceived)
  transport.close()
  process.stdout.write(told.join(', '))
}, 10)

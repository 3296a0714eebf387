/**
 * The demo's DNS for a daemon under load: each reply is made once, and sent again from then on.
 *
 * Started by daemon.ts with fork(2) and one argument, the port, 0 for any. Making a reply takes as long as a daemon
 * takes for a whole lookup; the daemons are to be measured, not this. Sends its port to the parent, answers any message
 * with the number of queries so far, and serves until the parent disconnects.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { startDnsServer } from '../../test/support/dns-server.ts'
import { DEMO_ZONE } from '../demo/zone.ts'

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
const ID_BYTES = 2

const dns = await startDnsServer(DEMO_ZONE)
const front = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES })
const back = createSocket('udp4').setMaxListeners(0)
/** Query without its id → reply. */
const replies = new Map<string, Buffer>()
let queries = 0

async function fetchReply(query: Buffer): Promise<Buffer> {
  back.send(query, dns.port, '127.0.0.1')
  for (;;) {
    const [reply] = (await once(back, 'message')) as [Buffer]
    if (reply.readUInt16BE(0) === query.readUInt16BE(0)) return reply
  }
}

front.on('message', (query, { port, address }) => {
  queries++
  const key = query.toString('latin1', ID_BYTES)
  const known = replies.get(key)
  if (known) {
    query.copy(known, 0, 0, ID_BYTES)
    front.send(Buffer.from(known), port, address)
    return
  }
  void fetchReply(Buffer.from(query)).then(reply => {
    replies.set(key, reply)
    front.send(reply, port, address)
  })
})
front.bind(Number(process.argv[2] ?? 0), '127.0.0.1')
await once(front, 'listening')
process.on('message', () => process.send?.(queries))
process.once('disconnect', () => {
  front.close()
  back.close()
  void dns.close()
})
process.send?.(front.address().port)

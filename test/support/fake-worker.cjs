/**
 * A worker for tests of the pool: does nothing but what the pool sees of one.
 *
 *   node fake-worker.cjs FOLDER HOW
 *
 * Tells its heartbeat over the channel, as where there is no native part. HOW is what is wrong with the first of them that
 * takes FOLDER/claimed for itself; the others are well.
 *
 *   well    nothing          loops   an endless loop, once it is ready
 *   mute    none ever begins (all of them)      dies   it ends, once it is ready
 */
const { openSync } = require('node:fs')
const { join } = require('node:path')

const [folder, how] = process.argv.slice(2)

function isFirst() {
  try {
    openSync(join(folder, 'claimed'), 'wx')
    return true
  } catch {
    return false
  }
}

function loop() {
  for (;;);
}

if (how === 'mute') loop()
process.on('disconnect', () => process.exit(0))
process.on('message', ({ kind, order, round }) => {
  if (kind === 'stop') process.exit(0)
  if (kind === 'configure') process.send({ kind: 'configured', round })
  if (kind !== 'serve') return
  process.send({ kind: 'ready' })
  process.send({ kind: 'alive' })
  setInterval(() => process.send({ kind: 'alive' }), order.beatMs)
  // Behind its first beats: messages leave before the loop begins.
  if (how === 'loops' && isFirst()) setTimeout(loop, order.beatMs * 3)
  if (how === 'dies' && isFirst()) setTimeout(() => process.exit(3), order.beatMs * 3)
})

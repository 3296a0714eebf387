/**
 * Two checksums: `sumOf` of files beside the executable and in /run (prepared code, kept configurations), `checksum` of slots of
 * the cache and of texts.
 *
 *   bytes → sumOf → a word that whoever wrote them has noted as well
 *
 * It finds damage – a bit, a cut, a page of zeros – and no forger. Each word takes a turn that two different sums leave
 * different: where one word alone has changed the sum has; of all other damage it misses one in four thousand million. For
 * more than some kilobytes there is the same in C (system/native/sum.c), which is a hundred times as quick.
 *
 * Total. Bytes begin at a multiple of 4.
 */

const { imul } = Math

/** `Uint8Array [1, 0, 0, 0, 2]` → 1_121_079_917, the same in system/native/sum.c. */
export function sumOf(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  let sum = bytes.length
  for (let i = 0; i < words.length; i++) sum = turn(sum, words[i] as number)
  for (let i = 4 * words.length; i < bytes.length; i++) sum = turn(sum, bytes[i] as number)
  return sum
}

function turn(sum: number, word: number): number {
  return imul(sum ^ (sum >>> 15) ^ word, 0x9e3779b1)
}

/**
 * 32 bits over the words `[from, to)`, never 0. Every step maps one-to-one, both from the word and from what came
 * before, so a change of one word, wherever it is, always changes the result (but for 0, which becomes 1).
 */
export function checksum(words: Int32Array, from: number, to: number, seed: number): number {
  let sum = seed ^ 0x2545f491
  let at = from
  for (; at + 4 <= to; at += 4) {
    sum = imul(sum ^ (words[at] as number), 0x9e3779b1)
    sum = imul(sum ^ (sum >>> 15) ^ (words[at + 1] as number), 0x9e3779b1)
    sum = imul(sum ^ (sum >>> 15) ^ (words[at + 2] as number), 0x9e3779b1)
    sum = imul(sum ^ (sum >>> 15) ^ (words[at + 3] as number), 0x9e3779b1)
    sum ^= sum >>> 15
  }
  for (; at < to; at++) {
    sum = imul(sum ^ (words[at] as number), 0x9e3779b1)
    sum ^= sum >>> 15
  }
  sum = imul(sum, 0x85ebca6b)
  sum ^= sum >>> 13
  return sum === 0 ? 1 : sum
}

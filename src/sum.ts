/**
 * The checksum of what lies beside the executable and in /run: prepared code, kept configurations.
 *
 *   bytes → sumOf → a word that whoever wrote them has noted as well
 *
 * It finds damage – a bit, a cut, a page of zeros – and no forger. Two sums over words of 32 bits: any change of one word
 * shows, and its place counts. For more than some kilobytes there is the same in C (addon.c), a hundred times as quick.
 *
 * Total. Bytes begin at a multiple of 4. Source: Fletcher, "An arithmetic checksum for serial transmissions", 1982.
 */

/** `Uint8Array [1, 0, 0, 0, 2]` → 917_512, the same in addon.c. */
export function sumOf(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  const { length } = words
  let [sum, sums] = [bytes.length, 0]
  for (let i = 0; i < length; i++) {
    sum = (sum + (words[i] as number)) | 0
    sums = (sums + sum) | 0
  }
  for (let i = 4 * length; i < bytes.length; i++) {
    sum = (sum + (bytes[i] as number)) | 0
    sums = (sums + sum) | 0
  }
  return sum ^ ((sums << 16) | (sums >>> 16))
}

/**
 * The checksum of what lies beside the executable and in /run: prepared code, the native part, kept configurations.
 *
 *   bytes → sumOf → a word that whoever wrote them has noted as well
 *
 * It finds damage – a bit, a cut, a page of zeros – and no forger: who may write these files is another question. Two
 * sums, as Fletcher's, over words of 32 bits: any change of one word shows, and each word's place counts. Each step is two
 * additions, for this runs in V8's interpreter; more than some kilobytes take the same function of the native part
 * (addon.c), which is a hundred times as quick.
 *
 * Total. Bytes begin where an allocation does, or at a multiple of 4.
 * Source: Fletcher, "An arithmetic checksum for serial transmissions", 1982.
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

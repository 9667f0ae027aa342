/**
 * What the build changes in a 64-bit Windows executable.
 * Source: Microsoft, "PE Format" (optional header, data directories, attribute certificate table).
 */

const PE32_PLUS = 0x20b;
const CHECKSUM_OFFSET = 64;
const SECURITY_DIRECTORY_OFFSET = 112 + 4 * 8;

/** Where the optional header stands in the file. Throws where the bytes are no 64-bit Windows executable. */
function optionalHeaderAt(bytes: Buffer): number {
  const peAt = bytes.toString('latin1', 0, 2) === 'MZ' ? bytes.readUInt32LE(0x3c) : -1;
  if (peAt < 0 || bytes.toString('latin1', peAt, peAt + 4) !== 'PE\0\0') throw new Error('not a Windows executable');
  const at = peAt + 24;
  if (bytes.readUInt16LE(at) !== PE32_PLUS) throw new Error('not a 64-bit Windows executable');
  return at;
}

/**
 * The same executable without its Authenticode signature, which any change would make wrong. Answers `bytes` changed in
 * place, shorter where it was signed, its checksum no longer right. Throws where something follows the signature: that would
 * be lost with it.
 */
export function removeAuthenticode(bytes: Buffer): Buffer {
  const entryAt = optionalHeaderAt(bytes) + SECURITY_DIRECTORY_OFFSET;
  // The one directory that holds a place in the file and not an address in memory.
  const offset = bytes.readUInt32LE(entryAt);
  const size = bytes.readUInt32LE(entryAt + 4);
  if (size === 0) return bytes;
  if (offset + size !== bytes.length) throw new Error('the signature is not the end of the Windows executable');
  bytes.fill(0, entryAt, entryAt + 8);
  return bytes.subarray(0, offset);
}

/**
 * Writes the checksum of the optional header: the sum of all 16-bit words with end-around carry, the checksum itself
 * counted as zero, plus the length of the file (as `MapFileAndCheckSum` of imagehlp computes it).
 */
export function writePeChecksum(bytes: Buffer): void {
  const at = optionalHeaderAt(bytes) + CHECKSUM_OFFSET;
  bytes.writeUInt32LE(0, at);
  let sum = 0;
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    sum += (bytes[index] as number) | ((bytes[index + 1] as number) << 8);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  if (bytes.length % 2 === 1) sum += bytes[bytes.length - 1] as number;
  sum = (sum & 0xffff) + (sum >>> 16);
  bytes.writeUInt32LE(sum + bytes.length, at);
}

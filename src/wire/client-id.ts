import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/**
 * go-websocket's clientId: base64( IV(16) ‖ AES-CBC-PKCS7("host:rpcPort", key) ), AES-128, 192 or 256 by the length of the
 * key. It names the node that holds a connection and authenticates nothing: what comes out of `decodeClientId` is to be
 * looked up among live nodes, never dialled.
 */
const algorithms: Readonly<Record<number, string>> = { 16: 'aes-128-cbc', 24: 'aes-192-cbc', 32: 'aes-256-cbc' };

const blockBytes = 16;

/** One to three cipher blocks after the IV: 44, 64 or 88 characters. A full IPv6 address and port take three. */
const longestAddress = 3 * blockBytes - 1;

/** `iv` is for tests. Throws RangeError for a key that is not 16, 24 or 32 bytes, or an address above 47 bytes. */
export function encodeClientId(address: string, key: Buffer | string, iv: Buffer = randomBytes(blockBytes)): string {
  const algorithm = algorithms[Buffer.byteLength(key)];
  if (algorithm === undefined) throw new RangeError('crypto_key must be 16, 24 or 32 bytes long');
  if (Buffer.byteLength(address) > longestAddress) {
    throw new RangeError(`a node's address in a clientId must not exceed ${longestAddress} bytes: ${address}`);
  }
  const cipher = createCipheriv(algorithm, key, iv);
  return Buffer.concat([iv, cipher.update(address, 'utf8'), cipher.final()]).toString('base64');
}

/** The address in a clientId of either base64 spelling; undefined for anything that is not cleanly one. Never throws. */
export function decodeClientId(text: string, key: Buffer | string): string | undefined {
  const algorithm = algorithms[Buffer.byteLength(key)];
  const bytes = bytesOf(text);
  if (algorithm === undefined || bytes === undefined) return undefined;
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, blockBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(blockBytes)), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return undefined;
  }
}

/**
 * The one spelling clientIds are kept under: base64 with padding. Takes base64url too, with or without padding, since
 * `+ / =` break shells and URLs. Undefined for text that has not the form of a clientId, a cid for instance; whether it
 * decrypts is not looked at.
 */
export function normalizeClientId(text: string): string | undefined {
  return bytesOf(text)?.toString('base64');
}

/** Undefined unless `text` is the canonical base64 or base64url of an IV and one to three blocks. */
function bytesOf(text: string): Buffer | undefined {
  if (text.length < 43 || text.length > 88) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % blockBytes !== 0) return undefined;
  if (text === bytes.toString('base64')) return bytes;
  const url = bytes.toString('base64url');
  return text.replace(/=+$/, '') === url && text.length <= url.length + 2 ? bytes : undefined;
}

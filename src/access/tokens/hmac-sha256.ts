import { hash, type KeyObject } from 'node:crypto';

const blockBytes = 64;
const digestBytes = 32;

/**
 * HMAC-SHA256 (RFC 2104) of ASCII texts under one key, in base64url. The same as `createHmac` without an object of OpenSSL for each text, which a
 * collection of garbage would have to finalize one by one.
 */
export function createHmacSha256(key: KeyObject): (text: string) => string {
  const secret = key.export();
  const block = Buffer.alloc(blockBytes);
  if (secret.length > blockBytes) hash('sha256', secret, 'buffer').copy(block);
  else secret.copy(block);
  let inner = Buffer.from(block.map((byte) => byte ^ 0x36));
  const outer = Buffer.concat([block.map((byte) => byte ^ 0x5c), Buffer.alloc(digestBytes)]);
  return (text) => {
    const end = blockBytes + text.length;
    if (end > inner.length) inner = Buffer.concat([inner.subarray(0, blockBytes)], 2 * end);
    inner.write(text, blockBytes, 'latin1');
    hash('sha256', inner.subarray(0, end), 'buffer').copy(outer, blockBytes);
    return hash('sha256', outer, 'base64url');
  };
}

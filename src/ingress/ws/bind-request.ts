import type { TokenUser } from '../../access/tokens/tokens.ts';
import type { BindRequest } from '../../routing/sessions.ts';

export interface BindRules {
  readonly idBytes: number;
  /** Whom the token named: what is asked for must not be somebody, or something, else. */
  readonly user: TokenUser | undefined;
}

/** Reads what a client says of itself, in a `client_bind` or its URL; a string says what is wrong with it. */
export function readBindRequest(get: (field: string) => string, { idBytes, user }: BindRules): BindRequest | string {
  const request: BindRequest = {
    uid: get('uid') || (user?.uid ?? ''),
    deviceId: get('deviceId') || (user?.deviceId ?? ''),
    deviceName: get('deviceName'),
    channel: get('channel'),
  };
  if (user !== undefined && request.uid !== user.uid) return 'the token is another user’s';
  if (user?.deviceId !== undefined && request.deviceId !== user.deviceId) return 'the token is another device’s';
  if (request.uid === '') return 'uid is missing';
  for (const field of fields) {
    const value = request[field];
    if (isPlain(value, idBytes)) continue;
    if (Buffer.byteLength(value) > idBytes) return `${field} is longer than ${idBytes} bytes`;
    if (!value.isWellFormed()) return `${field} holds half a surrogate pair`;
    if (/\p{Cc}/u.test(value)) return `${field} has a control character`;
  }
  return request;
}

const fields = ['uid', 'deviceId', 'deviceName', 'channel'] as const;

/** Printable ASCII of at most so many bytes. */
function isPlain(value: string, bytes: number): boolean {
  const { length } = value;
  if (length > bytes) return false;
  for (let at = 0; at < length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

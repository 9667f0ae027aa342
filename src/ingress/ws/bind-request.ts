import type { BindRequest } from '../../routing/sessions.ts';

/** Reads the data of a `client_bind`; a string says what is wrong with it. */
export function readBindRequest(data: ReadonlyMap<string, string>, idBytes: number): BindRequest | string {
  const request: BindRequest = {
    uid: data.get('uid') ?? '',
    deviceId: data.get('deviceId') ?? '',
    deviceName: data.get('deviceName') ?? '',
    channel: data.get('channel') ?? '',
  };
  if (request.uid === '') return 'uid is missing';
  for (const [field, value] of Object.entries(request)) {
    if (Buffer.byteLength(value) > idBytes) return `${field} is longer than ${idBytes} bytes`;
    if (!value.isWellFormed()) return `${field} holds half a surrogate pair`;
    if (/\p{Cc}/u.test(value)) return `${field} has a control character`;
  }
  return request;
}

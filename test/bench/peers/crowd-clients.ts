import { connect, type Socket } from 'node:net';

/**
 * Many WebSocket clients that come, say who they are, and then only answer heartbeats: raw sockets in a process of their own. Told
 * `{ comeTo }`, they come, `atOnce` at a time, and it says `{ came }` (milliseconds) when the server has answered each one's last word.
 */
export interface Crowd {
  readonly port: number;
  readonly kind: CrowdKind;
  /** Its request target, and what it says in a text frame or a binary one after the upgrade. */
  readonly clients: readonly { readonly path: string; readonly say?: string; readonly sayBinary?: string }[];
  readonly atOnce: number;
}

/** Whose protocol is spoken inside the WebSocket: what is a heartbeat there, and which frame says that a client is in. */
export type CrowdKind = 'yunque' | 'socket.io' | 'bare';

const PONG_OF_YUNQUE = masked(0x82, Buffer.from('\0PONG', 'latin1'));
const PONG_OF_SOCKET_IO = masked(0x81, Buffer.from('3'));
/** Each address of the server has the whole range of ephemeral ports for itself, some 28,000. */
const perAddress = 5000;

const sockets: Socket[] = [];
process.on('message', (crowd: Crowd | 'leave') => {
  if (crowd === 'leave') {
    // A reset: thousands of ports in TIME-WAIT would make the next round's connecting slow.
    for (const socket of sockets.splice(0)) socket.resetAndDestroy();
    process.send?.('left');
  } else come(crowd);
});
process.on('disconnect', () => process.exit());

function come(crowd: Crowd): void {
  const { port, kind, clients, atOnce } = crowd;
  const startedAt = performance.now();
  let next = 0;
  let came = 0;
  const one = (): void => {
    const at = next;
    const client = clients[at];
    if (client === undefined) return;
    next += 1;
    const hello =
      client.say !== undefined
        ? masked(0x81, Buffer.from(client.say))
        : client.sayBinary === undefined
          ? undefined
          : masked(0x82, Buffer.from(client.sayBinary, 'latin1'));
    const host = `127.0.0.${1 + Math.floor(at / perAddress)}`;
    const socket = connect({ port, host }, () => {
      socket.write(
        `GET ${client.path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
    });
    sockets.push(socket);
    talk(socket, kind, hello, () => {
      came += 1;
      if (came === clients.length) process.send?.({ came: performance.now() - startedAt });
      else one();
    });
  };
  for (let i = 0; i < Math.min(atOnce, clients.length); i += 1) one();
}

/** Reads what comes: the answer to the upgrade, the frame that says the client is in, then heartbeats. */
function talk(socket: Socket, kind: CrowdKind, hello: Buffer | undefined, onIn: () => void): void {
  let rest: Buffer | undefined;
  let isUpgraded = false;
  let isIn = false;
  const enter = () => {
    isIn = true;
    onIn();
  };
  socket.on('error', (error) => {
    throw error;
  });
  socket.on('data', (bytes: Buffer) => {
    let data = rest === undefined ? bytes : Buffer.concat([rest, bytes]);
    rest = undefined;
    if (!isUpgraded) {
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) {
        rest = data;
        return;
      }
      if (!data.toString('latin1', 0, 12).endsWith('101')) throw new Error(data.toString('latin1', 0, end));
      isUpgraded = true;
      if (hello !== undefined) socket.write(hello);
      if (kind === 'bare') enter();
      data = data.subarray(end + 4);
    }
    let at = 0;
    for (;;) {
      const length = frameLength(data, at);
      if (length === 0 || at + length > data.length) break;
      onFrame(data.subarray(at, at + length));
      at += length;
    }
    if (at < data.length) rest = Buffer.from(data.subarray(at));
  });
  const onFrame = (frame: Buffer): void => {
    const opcode = (frame[0] ?? 0) & 0x0f;
    const payload = frame.subarray(frame[1] === 126 ? 4 : 2);
    if (opcode === 8) throw new Error(`a client was closed: ${payload.readUInt16BE(0)} ${payload.subarray(2)}`);
    if (opcode === 9) socket.write(masked(0x8a, payload));
    else if (kind === 'yunque' && payload[0] === 1) socket.write(PONG_OF_YUNQUE);
    else if (kind === 'socket.io' && payload.length === 1 && payload[0] === 0x32) socket.write(PONG_OF_SOCKET_IO);
    else if (!isIn && kind === 'yunque' && payload[0] === 4) {
      if (!payload.includes('success')) throw new Error(`a bind was refused: ${payload.toString('latin1')}`);
      enter();
    } else if (!isIn && kind === 'socket.io' && payload.toString('latin1', 0, 2) === '40') enter();
    else if (kind === 'socket.io' && payload.toString('latin1', 0, 2) === '44') throw new Error(payload.toString());
  };
}

/** Of the frame at `at`, head included; 0 while its head is incomplete. */
function frameLength(data: Buffer, at: number): number {
  if (data.length < at + 2) return 0;
  const short = (data[at + 1] ?? 0) & 0x7f;
  if (short < 126) return 2 + short;
  return data.length < at + 4 ? 0 : 4 + data.readUInt16BE(at + 2);
}

/** A short masked frame; the mask is zero. */
function masked(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? [first, 0x80 | length] : [first, 0xfe, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

import { connect } from 'node:net';
import { TooLate } from './target.ts';

export interface ExchangeOptions {
  readonly port: number;
  /** A loopback address, so that a hundred thousand connections do not use up the ports of one. */
  readonly localAddress: string;
  /** Everything that is wanted has come: the client says goodbye. */
  readonly isWhole: (answer: Buffer) => boolean;
  /** An answer without an end: the client just leaves. */
  readonly isEndless: (answer: Buffer) => boolean;
}

const QUIET_MS = 30;
const PATIENCE_MS = 1000;

/**
 * Writes `bytes` on a connection of its own and resolves with all that came back. The client closes its side when the answer is
 * whole or nothing more comes; rejects with `TooLate` where the server then leaves its own side open.
 */
export function exchange(bytes: Buffer, { port, localAddress, isWhole, isEndless }: ExchangeOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true, allowHalfOpen: true });
    let answer: Buffer = Buffer.alloc(0);
    const quiet = setTimeout(() => (isEndless(answer) ? socket.destroy() : socket.end()), QUIET_MS);
    const late = setTimeout(() => {
      socket.destroy();
      reject(new TooLate(`the connection is still open after ${answer.toString('latin1').slice(0, 200)}`));
    }, PATIENCE_MS);
    socket.on('data', (chunk: Buffer) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      if (isWhole(answer)) socket.end();
      quiet.refresh();
    });
    socket.on('end', () => socket.end());
    // A reset is an answer to what this client sends.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(quiet);
      clearTimeout(late);
      resolve(answer);
    });
    socket.write(bytes);
  });
}

/** A loopback address after the other. */
export function createAddresses(): () => string {
  let last = 0;
  return () => {
    last = (last + 1) % 60_000;
    return `127.0.${1 + Math.floor(last / 250)}.${1 + (last % 250)}`;
  };
}

/** What a stack trace looks like, and the names of our files. */
export const stackTrace = /\n\s+at |\\n\s+at |node:internal|\.tsx?:\d+/;

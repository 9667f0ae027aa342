import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { YunqueError } from '../../api/errors.ts';

export interface BodyBudget {
  /** Of one body; what one without a length counts as. */
  readonly bodyBytes: number;
  /** Of all bodies that are being read and answered. */
  readonly bodiesBytes: number;
}

/** What a request costs besides its body. */
const requestBytes = 4096;

/**
 * Bounds what the bodies of all requests hold together. Asked behind the gate, so that strangers take nothing of it, and not for the
 * admin API, which has to answer when everything else does not.
 */
export function boundBodies(server: FastifyInstance, { bodyBytes, bodiesBytes }: BodyBudget): void {
  let held = 0;
  server.addHook('preParsing', (request, reply, _payload, done) => {
    const cost = costOf(request.raw, bodyBytes);
    if (cost === 0 || request.url.startsWith('/admin/')) return done();
    if (held + cost > bodiesBytes) {
      const hint = 'send it again in a moment; limits.bodies allows more';
      return done(new YunqueError('unavailable', 'too many bodies are being read (limits.bodies)', { hint }));
    }
    held += cost;
    reply.raw.once('close', () => {
      held -= cost;
    });
    done();
  });
}

/** 0: it has no body. One that is declared too large is refused before it is read. */
function costOf({ headers }: IncomingMessage, bodyBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return bodyBytes + requestBytes;
  const length = Number(headers['content-length'] ?? 0);
  return length > 0 && length <= bodyBytes ? length + requestBytes : 0;
}

import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import type { BodyBudget, BodyLease } from './body-budget.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the body that is being read; null where there is none, or nobody counts it. */
    bodyLease: BodyLease | null;
  }
}

export interface BodyRules {
  /** The most one may have. */
  readonly limits: { readonly bodyBytes: number };
  /** Undefined: not counted. */
  readonly budget: BodyBudget | undefined;
  /** Makes `request.body` of it. What it throws, the request is refused with. */
  readonly parse: (request: FastifyRequest, body: Buffer) => unknown;
}

/**
 * Reads the bodies of requests to `scope`, behind its gate and whatever their type. Above the limit 413, as declared or while it streams in; 503
 * where the budget has no room for it.
 */
export function readBodies(scope: FastifyInstance, { limits, budget, parse }: BodyRules): void {
  scope.addHook('preParsing', (request, reply, _payload, done) => {
    const { headers, method } = request;
    const length = Number(headers['content-length'] ?? 0);
    const hasBody = headers['transfer-encoding'] !== undefined || length > 0;
    if (!hasBody || method === 'GET' || method === 'HEAD') return done();
    if (length > limits.bodyBytes) return done(tooLarge(limits.bodyBytes));
    if (budget !== undefined) {
      const lease = budget.open(request.asker?.system);
      if (lease === undefined) return done(tooMany());
      request.bodyLease = lease;
      reply.raw.once('close', lease.release);
    }
    // RFC 9110 section 10.1.1: whoever waits to be asked for the body is asked once it is sure to be read.
    if (headers.expect?.toLowerCase() === '100-continue') reply.raw.writeContinue();
    done();
  });
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    let length = 0;
    const body = await collect(payload, (bytes) => {
      length += bytes;
      if (length > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
      if (request.bodyLease?.take(bytes) === false) throw tooMany();
    });
    return parse(request, body);
  });
}

/** What `onBytes` throws ends the reading; what still comes is thrown away. */
function collect(payload: Readable, onBytes: (bytes: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => {
      try {
        onBytes(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        chunks.length = 0;
        payload.off('data', onData).resume();
        reject(error);
      }
    };
    const onCut = () => reject(new YunqueError('bad_request', 'the request ended in the middle of its body'));
    payload.on('data', onData);
    payload.once('end', () => {
      // Every body closes, and an error with its stack is dear.
      payload.off('close', onCut);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    payload.on('error', onCut);
    payload.once('close', onCut);
  });
}

function tooLarge(bodyBytes: number): YunqueError {
  return new YunqueError('payload_too_large', `the body is larger than ${bodyBytes} bytes`);
}

function tooMany(): YunqueError {
  const hint = 'send it again in a moment; limits.bodies allows more';
  return new YunqueError('unavailable', 'too many bodies are being read (limits.bodies)', { hint });
}

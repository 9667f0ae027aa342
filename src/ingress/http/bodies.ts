import type { IncomingMessage, ServerResponse } from 'node:http';
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
}

/**
 * Whether the request has a body that is to be read, as its headers say; false for GET and HEAD. Who waits to be asked for it (RFC 9110 section 10.1.1) is
 * asked. `onLease` gets the lease it is counted with. Throws 413 where it is declared too large, and 503 where the budget has no room for it.
 */
export function awaitsBody(
  { limits, budget }: BodyRules,
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  system: string | undefined,
  onLease: (lease: BodyLease) => void,
): boolean {
  const declared = headers['content-length'];
  const length = declared === undefined ? 0 : Number(declared);
  const hasBody = length > 0 || headers['transfer-encoding'] !== undefined;
  if (!hasBody || method === 'GET' || method === 'HEAD') return false;
  if (length > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
  if (budget !== undefined) {
    const lease = budget.open(system);
    if (lease === undefined) throw tooMany();
    onLease(lease);
    response.on('close', lease.release);
  }
  // Only once it is sure to be read.
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  return true;
}

/**
 * Collects what streams in: `onEnd` gets all of it, or else, once, `onFailed` why not: 413 and 503 as above, or that it was cut short. What still comes then is
 * thrown away.
 */
export function collectBody(
  payload: Readable,
  { limits }: BodyRules,
  lease: BodyLease | null,
  onEnd: (body: Buffer) => void,
  onFailed: (error: YunqueError) => void,
): void {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let length = 0;
  let isOver = false;
  const fail = (error: YunqueError) => {
    if (isOver) return;
    isOver = true;
    first = undefined;
    more = undefined;
    payload.off('data', onData).resume();
    onFailed(error);
  };
  const onData = (chunk: Buffer) => {
    length += chunk.length;
    if (length > limits.bodyBytes) return fail(tooLarge(limits.bodyBytes));
    if (lease?.take(chunk.length) === false) return fail(tooMany());
    if (first === undefined) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  };
  const onCut = () => {
    // Every body closes, and an error with its stack is dear.
    if (!isOver) fail(new YunqueError('bad_request', 'the request ended in the middle of its body'));
  };
  payload.on('data', onData);
  payload.on('end', () => {
    if (isOver) return;
    isOver = true;
    onEnd(more === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(more));
  });
  payload.on('error', onCut);
  payload.on('close', onCut);
}

/**
 * Reads the bodies of requests that Fastify routes to `scope`, behind its gate and whatever their type. `parse` makes `request.body` of it; what it throws, the
 * request is refused with.
 */
export function readBodies(
  scope: FastifyInstance,
  rules: BodyRules,
  parse: (request: FastifyRequest, body: Buffer) => unknown,
): void {
  scope.addHook('preParsing', (request, reply, _payload, done) => {
    const onLease = (lease: BodyLease) => {
      request.bodyLease = lease;
    };
    try {
      awaitsBody(rules, request.raw, reply.raw, request.asker?.system, onLease);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    const body = await new Promise<Buffer>((resolve, reject) => {
      collectBody(payload, rules, request.bodyLease, resolve, reject);
    });
    return parse(request, body);
  });
}

function tooLarge(bodyBytes: number): YunqueError {
  return new YunqueError('payload_too_large', `the body is larger than ${bodyBytes} bytes`);
}

function tooMany(): YunqueError {
  const hint = 'send it again in a moment; limits.bodies allows more';
  return new YunqueError('unavailable', 'too many bodies are being read (limits.bodies)', { hint });
}

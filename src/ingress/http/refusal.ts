import { type ErrorCode, YunqueError } from '../../api/errors.ts';
import { escapeControls } from '../../util/control-characters.ts';
import { pathOf } from '../../util/request-path.ts';
import type { Asked } from './gate.ts';
import { MalformedBody } from './json-body.ts';
import type { HttpIngressOptions } from './options.ts';

/** Answers that say "nobody there": nothing was refused. */
const notRefusals: ReadonlySet<ErrorCode> = new Set(['unknown_client', 'unknown_user', 'unknown_group']);

/** An answer that still takes headers. */
export interface Headed {
  header(name: string, value: string): unknown;
}

/**
 * Whatever went wrong with a request, as a row of the error table: counted where it is a refusal, logged where it is
 * our fault. Every error handler of this folder begins here, so nothing else of an error ever leaves the node.
 */
export function refuse(options: HttpIngressOptions, error: unknown, request: Asked, reply: Headed): YunqueError {
  const refusal = refusalOf(options, error, request);
  // RFC 9110 section 15.5.2; go-websocket's 403 may have it too.
  if (refusal.row.status === 401) reply.header('www-authenticate', 'Bearer');
  if (refusal.row.status === 503 || refusal.row.status === 429) {
    reply.header('retry-after', String(refusal.retryAfterSeconds ?? 1));
  }
  closeIfMuchComes(request, reply);
  return refusal;
}

/** `refuse` for a part of an answer. */
export function refusalOf(options: HttpIngressOptions, error: unknown, request: Asked): YunqueError {
  const refusal = toYunqueError(error);
  if (refusal.code === 'internal') options.logError(refusal.cause ?? error, whatOf(request));
  // Not ours and not the sender's: such as a disk that is full.
  else if (refusal.cause !== undefined && refusal.row.status >= 500)
    options.logError(refusal.cause, whatOf(request), refusal.message);
  if (refusal.code !== 'internal' && !notRefusals.has(refusal.code)) {
    const remoteAddress = options.clientAddress(request.raw);
    options.onRefused({ error: refusal.code, what: whatOf(request), remoteAddress });
  }
  return refusal;
}

const MAX_BYTES_READ_IN_VAIN = 64 * 1024;

/** Node would read, and throw away, whatever a kept connection still sends of a body that nobody reads. */
export function closeIfMuchComes({ raw }: Asked, reply: Headed): void {
  if (raw.complete) return;
  const { 'transfer-encoding': encoding, 'content-length': length } = raw.headers;
  if (encoding !== undefined || Number(length) > MAX_BYTES_READ_IN_VAIN) reply.header('connection', 'close');
}

/** For families whose refusals have one field for text. */
export function wordsOf(refusal: YunqueError): string {
  return refusal.hint === undefined ? refusal.message : `${refusal.message}; ${refusal.hint}`;
}

function whatOf({ raw }: Asked): string {
  return `${raw.method} ${escapeControls(pathOf(raw.url ?? ''), 200)}`;
}

function toYunqueError(error: unknown): YunqueError {
  if (error instanceof YunqueError) return error;
  if (error instanceof MalformedBody) return new YunqueError('bad_request', error.message);
  const status = statusOf(error);
  if (status === 414) return new YunqueError('bad_request', 'a part of the path is too long');
  if (status !== undefined && status < 500) return new YunqueError('bad_request', 'the request cannot be read');
  return new YunqueError('internal', undefined, { cause: error });
}

/** Fastify's own errors carry one. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { type ErrorCode, errorTable, YunqueError } from '../../api/errors.ts';
import { escapeControls } from '../../util/control-characters.ts';
import { MalformedBody } from '../http/json-body.ts';
import { wordsOf } from '../http/refusal.ts';
import type { GrpcIngressOptions } from './options.ts';

/** Longer words would not fit into the headers that clients take. */
const longestWords = 1000;

/** By the HTTP status of the error table. */
const byHttpStatus: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  405: status.UNIMPLEMENTED,
  408: status.DEADLINE_EXCEEDED,
  409: status.ALREADY_EXISTS,
  410: status.OUT_OF_RANGE,
  413: status.RESOURCE_EXHAUSTED,
  422: status.FAILED_PRECONDITION,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  503: status.UNAVAILABLE,
};

/** A test walks the table: each of its rows has one. */
export function grpcStatusOf(code: ErrorCode): status {
  return byHttpStatus[errorTable[code].status] ?? status.UNKNOWN;
}

/** Whatever went wrong with a call: counted where it is a refusal, logged where it is our fault, and as gRPC says it. */
export function refuse(
  options: GrpcIngressOptions,
  error: unknown,
  asked: { readonly path: string; readonly remoteAddress: string },
): StatusObject {
  const refusal = toYunqueError(error);
  const { path, remoteAddress } = asked;
  logFault(options, error, path);
  if (refusal.code !== 'internal') options.onRefused({ error: refusal.code, what: path, remoteAddress });
  return statusOf(refusal);
}

/** Nothing of what whoever called is to blame for. */
export function logFault(options: Pick<GrpcIngressOptions, 'logError'>, error: unknown, path: string): void {
  const { code, cause, row, message } = toYunqueError(error);
  if (code === 'internal') options.logError(cause ?? error, path);
  else if (cause !== undefined && row.status >= 500) options.logError(cause, path, message);
}

export function toYunqueError(error: unknown): YunqueError {
  if (error instanceof YunqueError) return error;
  if (error instanceof MalformedBody) return new YunqueError('bad_request', error.message);
  return new YunqueError('internal', undefined, { cause: error });
}

function statusOf(refusal: YunqueError): StatusObject {
  const { code, field, hint, retryAfterSeconds, missingNodes } = refusal;
  const metadata = new Metadata();
  metadata.set('yunque-code', code);
  if (field !== undefined) metadata.set('yunque-field', inAscii(field));
  if (hint !== undefined) metadata.set('yunque-hint', inAscii(hint));
  if (missingNodes !== undefined) metadata.set('yunque-missing-nodes', inAscii(missingNodes.join(', ')));
  const isForLater = refusal.row.status === 503 || refusal.row.status === 429;
  // What gRPC's own retries wait for (its proposal A6).
  if (isForLater) metadata.set('grpc-retry-pushback-ms', String((retryAfterSeconds ?? 1) * 1000));
  return { code: grpcStatusOf(code), details: spell(wordsOf(refusal)), metadata };
}

/** Percent-encoded as `grpc-message` is, so that ASCII stays as it is. */
function inAscii(text: string): string {
  return spell(text).replace(/[^ -~]+|%/g, encodeURIComponent);
}

function spell(text: string): string {
  return escapeControls(text, longestWords).toWellFormed();
}

import { type ErrorBody, type ErrorCode, errorTable, exitCodes } from '../api/errors.ts';
import { type Situation, sentenceOf } from './situations.ts';

/**
 * Why a request to a node came to nothing.
 *
 * | kind | means | exit |
 * |---|---|---|
 * | unreachable | no connection, or no answer on it | 5 |
 * | timed_out | connected, but no answer before the deadline | 6 |
 * | denied | 401 or 403 | 4 |
 * | refused | any other refusal of the error table | that row's; 7 where it names nodes that did not answer |
 * | not_yunque | an answer, but not one of this API | 1 |
 * | ambiguous | several nodes here and none named | 2 |
 * | usage | the address or the key file given cannot be used | 2 |
 * | interrupted | the caller's signal | 130 |
 */
export type ClientErrorKind =
  | 'unreachable'
  | 'timed_out'
  | 'denied'
  | 'refused'
  | 'not_yunque'
  | 'ambiguous'
  | 'usage'
  | 'interrupted';

const exitOf: Readonly<Record<Exclude<ClientErrorKind, 'refused'>, number>> = {
  unreachable: exitCodes.unreachable,
  timed_out: exitCodes.timedOut,
  denied: exitCodes.denied,
  not_yunque: exitCodes.failed,
  ambiguous: exitCodes.usage,
  usage: exitCodes.usage,
  interrupted: exitCodes.interrupted,
};

export interface ClientErrorDetails {
  /** The node's own words, where it refused. */
  readonly body?: ErrorBody['error'];
  /** What to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The only error the operator's client rejects with. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly kind: ClientErrorKind;
  readonly body: ErrorBody['error'] | undefined;
  readonly hint: string | undefined;
  /** What `message` says, for whoever says it in another language. */
  readonly situation: Situation | undefined;

  constructor(kind: ClientErrorKind, what: string | Situation, details: ClientErrorDetails = {}) {
    super(
      typeof what === 'string' ? what : sentenceOf(what),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.kind = kind;
    this.situation = typeof what === 'string' ? undefined : what;
    this.body = details.body;
    this.hint = details.hint ?? details.body?.hint;
  }

  /** Exit code of the command line. */
  get exit(): number {
    if (this.kind !== 'refused') return exitOf[this.kind];
    // Nobody who could be asked has it.
    if (this.body?.missingNodes !== undefined) return exitCodes.partly;
    return this.body === undefined ? exitCodes.failed : errorTable[this.body.code].exit;
  }
}

export interface RefusalFrom {
  readonly where: string;
  /** Said in the place of the node's own hint where a key is missing or wrong. */
  readonly keyHint?: string;
}

/** The refusal in an answer of `status` with the text `body`. */
export function refusalOf(status: number, body: string, { where, keyHint }: RefusalFrom): ClientError {
  const error = readErrorBody(body);
  if (status === 401 || status === 403) {
    return new ClientError('denied', error?.message ?? `${where} answered ${status}`, {
      ...(error !== undefined && { body: error }),
      ...(status === 401 && keyHint !== undefined && { hint: keyHint }),
    });
  }
  // A node's ports are open before it serves; a proxy answers so where no node is behind it.
  if (error === undefined && status === 503 && body.trim() === '') {
    return new ClientError(
      'unreachable',
      { is: 'not_serving', values: [where] },
      { hint: 'a node that starts or stops answers so: ask again in some seconds, or read its log' },
    );
  }
  if (error === undefined) {
    return new ClientError('not_yunque', `${where} answered ${status}, and not in the way of a yunque node`, {
      hint: 'check the address: it must be the port (or the internal address) of a yunque node',
    });
  }
  return new ClientError('refused', error.message, { body: error });
}

function readErrorBody(text: string): ErrorBody['error'] | undefined {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorBody>;
    return error !== undefined && Object.hasOwn(errorTable, error.code) ? error : undefined;
  } catch {
    return undefined;
  }
}

/** Narrowing for callers that tell a code of the error table apart. */
export function isRefusal(error: unknown, code: ErrorCode): error is ClientError {
  return error instanceof ClientError && error.body?.code === code;
}

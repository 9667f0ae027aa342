/**
 * The one table of refusals: name, HTTP status, WebSocket close code, exit code of the command line, whether trying again
 * can help, and what to say. 4000–4499: reconnecting may help; 4500–4999: it will not. A test holds the docs against it.
 */
export const errorTable = {
  bad_request: { status: 400, close: 4000, exit: 2, retryable: false, message: 'the request is malformed' },
  payload_too_large: { status: 413, close: 1009, exit: 2, retryable: false, message: 'the message is too large' },
  method_not_allowed: {
    status: 405,
    close: 4000,
    exit: 1,
    retryable: false,
    message: 'this path takes another method',
  },
  not_found: { status: 404, close: 4000, exit: 1, retryable: false, message: 'there is nothing at this path' },
  unknown_client: { status: 404, close: 4000, exit: 3, retryable: false, message: 'no such client' },
  unknown_user: { status: 404, close: 4000, exit: 3, retryable: false, message: 'no such user is online' },
  unknown_group: { status: 404, close: 4000, exit: 3, retryable: false, message: 'no such group has members' },
  unknown_node: { status: 404, close: 4000, exit: 1, retryable: false, message: 'no such node' },
  unknown_key: { status: 404, close: 4000, exit: 1, retryable: false, message: 'no such key' },
  system_required: { status: 400, close: 4507, exit: 2, retryable: false, message: 'the request must name a system' },
  unknown_system: { status: 404, close: 4507, exit: 1, retryable: false, message: 'no such system' },
  system_exists: { status: 409, close: 4000, exit: 1, retryable: false, message: 'this system exists already' },
  idempotency_conflict: {
    status: 409,
    close: 4000,
    exit: 2,
    retryable: false,
    message: 'another request has come with this idempotency key',
  },
  unauthorized: { status: 401, close: 4500, exit: 4, retryable: false, message: 'a credential is needed' },
  forbidden: { status: 403, close: 4507, exit: 4, retryable: false, message: 'this peer may not do that' },
  qos_unavailable: {
    status: 400,
    close: 4000,
    exit: 2,
    retryable: false,
    message: 'durable messages are not available yet',
  },
  going_away: { status: 503, close: 4001, exit: 1, retryable: true, message: 'the node is shutting down' },
  unavailable: { status: 503, close: 4001, exit: 1, retryable: true, message: 'this is not possible right now' },
  stale: { status: 408, close: 4002, exit: 1, retryable: true, message: 'never bound to a user' },
  token_expired: { status: 401, close: 4003, exit: 4, retryable: true, message: 'the token has expired' },
  replaced: { status: 409, close: 4005, exit: 1, retryable: true, message: 'replaced by a newer login' },
  slow_consumer: { status: 503, close: 4008, exit: 1, retryable: true, message: 'reads too slowly' },
  position_lost: { status: 410, close: 4010, exit: 1, retryable: true, message: 'the position is no longer stored' },
  no_pong: { status: 408, close: 4012, exit: 1, retryable: true, message: 'no heartbeat in time' },
  too_many_requests: { status: 429, close: 4013, exit: 1, retryable: true, message: 'too many requests' },
  kicked: { status: 403, close: 4503, exit: 1, retryable: false, message: 'closed by the operator' },
  limit_reached: { status: 503, close: 4504, exit: 1, retryable: false, message: 'a limit is reached' },
  bad_config: {
    status: 422,
    close: 4000,
    exit: 78,
    retryable: false,
    message: 'the configuration cannot be used; the one in force stays',
  },
  internal: {
    status: 500,
    close: 1011,
    exit: 1,
    retryable: true,
    message: 'an unexpected fault; the log has its details',
  },
} as const satisfies Record<string, ErrorRow>;

interface ErrorRow {
  readonly status: number;
  readonly close: number;
  readonly exit: number;
  readonly retryable: boolean;
  readonly message: string;
}

export type ErrorCode = keyof typeof errorTable;

interface ErrorDetails {
  readonly field?: string;
  readonly hint?: string;
  readonly problems?: readonly string[];
  readonly retryAfterSeconds?: number | undefined;
  readonly missingNodes?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** A refusal from the table. `message` may be more exact than the table's; `hint` says what to do next. */
export class YunqueError extends Error {
  override readonly name = 'YunqueError';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  /** Each thing that is wrong, where there are several. */
  readonly problems: readonly string[] | undefined;
  /** When trying again may help, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** Nodes that could not be asked, where it is for them. */
  readonly missingNodes: readonly string[] | undefined;

  constructor(code: ErrorCode, message?: string, more: ErrorDetails = {}) {
    super(message ?? errorTable[code].message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.field = more.field;
    this.hint = more.hint;
    this.problems = more.problems;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.missingNodes = more.missingNodes;
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }
}

/** The JSON shape of a refusal on the admin API. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly field?: string;
    readonly hint?: string;
    readonly problems?: readonly string[];
    /** Of `unavailable`: what was asked for was nowhere found, and these could not be asked. */
    readonly missingNodes?: readonly string[];
  };
}

/** Exit codes of the command line. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  nobody: 3,
  denied: 4,
  unreachable: 5,
  timedOut: 6,
  partly: 7,
  badConfig: 78,
  interrupted: 130,
} as const;

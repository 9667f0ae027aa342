import { type ErrorCode, errorTable, exitCodes } from './errors.ts';

export interface CloseMeaning {
  readonly name: string;
  readonly message: string;
  readonly exit: number;
  readonly retryable: boolean;
}

/** Closings the error table has no row for (RFC 6455 section 7.4.1). */
export const standardCloseCodes: Readonly<Record<number, CloseMeaning>> = {
  1000: { name: 'normal', message: 'closed normally', exit: exitCodes.done, retryable: true },
  1001: { name: 'going_away', message: 'the other side goes away', exit: exitCodes.failed, retryable: true },
  1002: { name: 'protocol_error', message: 'a frame broke the protocol', exit: exitCodes.failed, retryable: false },
  1003: {
    name: 'unsupported_data',
    message: 'this kind of data is not taken',
    exit: exitCodes.failed,
    retryable: false,
  },
  1004: { name: 'reserved', message: 'has no meaning yet', exit: exitCodes.failed, retryable: false },
  1005: { name: 'no_code', message: 'closed without a code', exit: exitCodes.done, retryable: true },
  1006: { name: 'abnormal', message: 'the connection broke', exit: exitCodes.unreachable, retryable: true },
  1007: { name: 'invalid_data', message: 'a text was not UTF-8', exit: exitCodes.failed, retryable: false },
  1008: {
    name: 'policy_violation',
    message: 'a rule of the other side was broken',
    exit: exitCodes.failed,
    retryable: false,
  },
  1010: {
    name: 'extension_needed',
    message: 'the server lacks an extension',
    exit: exitCodes.failed,
    retryable: false,
  },
};

/** What a close code says. Several rows share some codes: the reason tells them apart, else the first one speaks for all. */
export function closeMeaning(code: number, reason = ''): CloseMeaning {
  const rows = Object.entries(errorTable).filter(([, { close }]) => close === code);
  const row = rows.find(([, { message }]) => message === reason) ?? rows[0];
  if (row !== undefined) {
    const [name, { message, exit, retryable }] = row as [ErrorCode, (typeof errorTable)[ErrorCode]];
    return { name, message, exit, retryable };
  }
  return (
    standardCloseCodes[code] ?? {
      name: 'unknown',
      message: 'not a code of this table',
      exit: exitCodes.failed,
      retryable: code < 4500,
    }
  );
}

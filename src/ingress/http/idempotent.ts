import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { YunqueError } from '../../api/errors.ts';
import { checkIdempotencyKey } from '../../store/idempotency.ts';
import type { Asked } from './gate.ts';
import { classHeader, keyHeader } from './message-class-header.ts';
import type { HttpIngressOptions } from './options.ts';
import type { Headed } from './refusal.ts';

const idempotencyHeader = 'idempotency-key';
const replayedHeader = 'idempotency-replayed';

/** A push of which the system and the body are known. */
interface AskedPush {
  readonly asked: Asked;
  readonly system: string;
  readonly body: string | undefined;
  /** Of the answer. */
  readonly headed: Headed;
}

/**
 * Does a push, or gives the answer of the same one again where it came before with the same `Idempotency-Key`; the answer then has the header
 * `Idempotency-Replayed: true`. `push` resolves with the text of the answer. Rejects as it does, with `bad_request` for a key that is none, and with
 * `idempotency_conflict`.
 */
export function pushOnce(
  options: Pick<HttpIngressOptions, 'idempotency'>,
  { asked, system, body = '', headed }: AskedPush,
  push: () => Promise<string>,
): Promise<string> {
  const { headers, url = '' } = asked.raw;
  const given = headers[idempotencyHeader];
  return given === undefined ? push() : pushKeyed();

  async function pushKeyed(): Promise<string> {
    const key = readKey([given].join());
    const parts = [url, headers[classHeader] ?? '', headers[keyHeader] ?? '', body];
    const bodyHash = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
    const done = await options.idempotency.run({ key, system, bodyHash }, push);
    if (done.type === 'conflict') {
      const hint = 'give every request a key of its own, and the same one only to its retries';
      throw new YunqueError('idempotency_conflict', undefined, { field: 'Idempotency-Key', hint });
    }
    if (done.isReplayed) headed.header(replayedHeader, 'true');
    return done.result;
  }
}

/** Node reads headers as Latin-1. */
function readKey(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  if (!isUtf8(bytes))
    throw new YunqueError('bad_request', 'the idempotency key is not UTF-8', { field: 'Idempotency-Key' });
  const key = bytes.toString('utf8');
  checkIdempotencyKey(key);
  return key;
}

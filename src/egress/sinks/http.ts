import { createHash } from 'node:crypto';
import { NoAnswer } from '../../backends/bounded-http.ts';
import { createSignedHttp, type SignedHttpOptions } from '../../backends/signed-http.ts';
import type { Sink, SinkRecord, SinkStatus } from '../sink.ts';

export interface HttpSinkOptions extends SignedHttpOptions {
  readonly timeoutMs: number;
}

/**
 * Posts records to one URL as one JSON array of their bodies, signed. Any 2xx has taken all of them; redirects are not followed. Header
 * `X-Yunque-Id`: the record's id, or of several a hash of theirs, so that it comes again with the same records alone. Nothing is connected to
 * before there is something to send: it is `ready` until that fails.
 */
export function createHttpSink(options: HttpSinkOptions): Sink {
  const http = createSignedHttp(options);
  const { host } = new URL(options.url);
  const listeners = new Set<() => void>();
  const underWay = new Set<AbortController>();
  let status: SinkStatus = { state: 'ready', failure: undefined };

  const become = (state: SinkStatus['state'], failure?: string): void => {
    if (status.state === 'closed' || (status.state === state && status.failure === failure)) return;
    status = { state, failure };
    for (const listener of listeners) listener();
  };

  async function post(records: readonly SinkRecord[]): Promise<void> {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), options.timeoutMs);
    underWay.add(end);
    try {
      const answer = await http.post(`[${records.map(({ body }) => body).join(',')}]`, end.signal, idOf(records));
      if (answer.status < 200 || answer.status > 299) throw new Error(`${host}: it answered ${answer.status}`);
    } catch (error) {
      const isCut = error instanceof NoAnswer && error.is === 'late' && status.state === 'closed';
      throw isCut ? new Error(`${host}: closed before it answered`) : error;
    } finally {
      clearTimeout(timer);
      underWay.delete(end);
    }
  }

  return {
    kind: 'http',
    get status() {
      return status;
    },
    async send(records) {
      if (status.state === 'closed') throw new Error(`${host}: closed`);
      if (records.length === 0) return;
      try {
        await post(records);
      } catch (error) {
        become('failing', (error as Error).message);
        throw error;
      }
      become('ready');
    },
    async close() {
      become('closed', 'closed');
      for (const end of underWay) end.abort();
      http.close();
    },
    onState: (listener) => void listeners.add(listener),
  };
}

function idOf(records: readonly SinkRecord[]): string {
  const [first, ...more] = records;
  if (first === undefined || more.length === 0) return first?.id ?? '';
  const hash = createHash('sha256');
  for (const { id } of records) hash.update(`${id}\n`);
  return hash.digest('hex').slice(0, 32);
}

import { createHmac } from 'node:crypto';
import { type Answer, createBoundedHttp } from './bounded-http.ts';

export interface SignedHttpOptions {
  readonly url: string;
  readonly secret: string;
}

/** Tells the operator's own service something, so that it knows who says it. */
export interface SignedHttp {
  /** `id`: the same where the same is said again. Rejects with `NoAnswer`. */
  post(body: string, signal: AbortSignal, id?: string): Promise<Answer>;
  close(): void;
}

/**
 * Posts JSON to one fixed URL with `X-Yunque-Timestamp` (seconds since the epoch) and `X-Yunque-Signature`, hex of HMAC-SHA256 over
 * `TIMESTAMP.BODY`, and `X-Yunque-Id` where it has one.
 */
export function createSignedHttp({ url, secret }: SignedHttpOptions): SignedHttp {
  const http = createBoundedHttp(url);
  return {
    post(body, signal, id) {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
      const headers = {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'x-yunque-timestamp': timestamp,
        'x-yunque-signature': signature,
        ...(id !== undefined && { 'x-yunque-id': id }),
      };
      return http.ask({ method: 'POST', headers, body, signal });
    },
    close: () => http.close(),
  };
}

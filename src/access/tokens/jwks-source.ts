import { createBoundedHttp } from '../../backends/bounded-http.ts';
import { createJwks } from './jwks.ts';
import type { TokenSource } from './source.ts';
import { createJwtCheck, type JwtRules } from './verify-jwt.ts';

export interface JwksSourceOptions extends JwtRules {
  readonly name: string;
  readonly systems?: readonly string[] | undefined;
  readonly url: string;
  readonly algorithms: readonly ('RS256' | 'ES256')[];
  /** Required: keys are an issuer's. */
  readonly issuer: string;
  readonly timeoutMs: number;
}

/** JWTs checked with the keys that their issuer publishes at one fixed address. Its keys are used for nobody else's tokens. */
export async function createJwksSource(options: JwksSourceOptions): Promise<TokenSource> {
  const { name, systems, url, timeoutMs } = options;
  // Loaded by those who check tokens, and by nobody else.
  const jose = await import('jose');
  const http = createBoundedHttp(url);
  const closing = new AbortController();
  const keyOf = createJwks(jose, () =>
    http.ask({ method: 'GET', signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing.signal]) }),
  );
  return {
    name,
    systems,
    isElsewhere: false,
    check: createJwtCheck(jose, options, keyOf),
    async close() {
      closing.abort();
      http.close();
    },
  };
}

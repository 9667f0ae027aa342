import { type Answer, NoAnswer } from '../../backends/bounded-http.ts';
import { createSignedHttp } from '../../backends/signed-http.ts';
import { createSlots } from '../../util/slots.ts';
import { type ClaimRules, readClaims } from './read-claims.ts';
import { refuse, type TokenClaims, type TokenSource, unavailable } from './source.ts';
import type { TokenRefusal } from './tokens.ts';

export interface HttpSourceOptions extends ClaimRules {
  readonly name: string;
  readonly systems?: readonly string[] | undefined;
  readonly url: string;
  /** Signs what is asked. */
  readonly secret: string;
  /** For waiting and asking together. */
  readonly timeoutMs: number;
  readonly atOnce: number;
}

const mostWaiting = 4096;
const refusals = [401, 403, 404];

/**
 * Asks the operator's own service: POST `{"token","system"}`, signed. 200 with
 * `{"uid","system"?,"deviceId"?,"expiresAt"?}` (milliseconds since the epoch) accepts; 401, 403 and 404 refuse; whatever
 * else comes, or does not come, means that it could not be asked.
 */
export function createHttpSource(options: HttpSourceOptions): TokenSource {
  const { name, systems, timeoutMs, atOnce } = options;
  const http = createSignedHttp(options);
  const slots = createSlots({ atOnce, waiting: mostWaiting });
  const closing = new AbortController();

  return {
    name,
    systems,
    isElsewhere: true,
    async check(token, system, asker) {
      const signals = [AbortSignal.timeout(timeoutMs), closing.signal];
      const signal = AbortSignal.any(asker === undefined ? signals : [...signals, asker]);
      if (!(await slots.enter(signal))) return unavailable(`${atOnce} questions wait for their answers already`);
      try {
        return readAnswer(await http.post(JSON.stringify({ token, system }), signal), options);
      } catch (error) {
        if (error instanceof NoAnswer) return unavailable(error.message);
        throw error;
      } finally {
        slots.leave();
      }
    },
    async close() {
      closing.abort();
      http.close();
    },
  };
}

const names = { uid: 'uid', system: 'system', deviceId: 'deviceId', expiresAt: 'expiresAt' } as const;

function readAnswer({ status, text }: Answer, rules: ClaimRules): TokenClaims | TokenRefusal {
  if (refusals.includes(status)) return refuse(`it answered ${status}`);
  if (status !== 200) return unavailable(`it answered ${status}, which is neither 200 nor ${refusals.join(', ')}`);
  const answer = parseObject(text);
  if (answer === undefined) return unavailable('its answer is not a JSON object');
  // Those who write null for nothing mean nothing.
  const field = (name: string): unknown => answer[name] ?? undefined;
  for (const name of ['uid', 'system', 'deviceId']) {
    const value = field(name);
    if (typeof value === 'string' || (value === undefined && name !== 'uid')) continue;
    return unavailable(`"${name}" in its answer is ${value === undefined ? 'missing' : 'not text'}`);
  }
  const expiresAt = field('expiresAt');
  if (expiresAt !== undefined && typeof expiresAt !== 'number') {
    return unavailable('"expiresAt" in its answer is not a number');
  }
  return readClaims(
    { uid: field('uid'), system: field('system'), deviceId: field('deviceId'), expiresAt },
    names,
    rules,
  );
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

import { openRedis } from '../../backends/redis.ts';
import type { RedisLink } from '../../backends/redis-link.ts';
import { redisOptionsOfUrl } from '../../backends/redis-options.ts';
import type { RedisClient } from '../../backends/redis-script.ts';
import { type ClaimRules, readClaims } from './read-claims.ts';
import { refuse, type TokenClaims, type TokenSource, unavailable } from './source.ts';
import type { TokenRefusal } from './tokens.ts';

export interface RedisSourceOptions extends ClaimRules {
  readonly name: string;
  readonly systems?: readonly string[] | undefined;
  readonly url: string;
  /** A token is the rest of a key's name. Never empty: other keys would be tokens. */
  readonly prefix: string;
  readonly timeoutMs: number;
}

/**
 * Opaque tokens that are keys in Redis. The value is the uid as plain text, or `{"uid","sys"?,"did"?,"exp"?}` (seconds since
 * the epoch); without `exp` a key's time to live is the token's.
 */
export async function createRedisSource(options: RedisSourceOptions): Promise<TokenSource> {
  const { name, systems, prefix, url, timeoutMs } = options;
  const link = await openRedis({ ...redisOptionsOfUrl(url, timeoutMs), use: 'reading' });
  return {
    name,
    systems,
    isElsewhere: true,
    async check(token) {
      const found = await lookUp(link, prefix + token);
      return 'code' in found ? found : readValue(found, options);
    },
    close: () => link.close(),
  };
}

interface Found {
  readonly value: string;
  /** Negative: it has no end. */
  readonly ttlMs: number;
}

async function lookUp(link: RedisLink<RedisClient>, key: string): Promise<Found | TokenRefusal> {
  const { client, failure, state } = link;
  if (failure !== undefined && state !== 'connecting') return unavailable(failure);
  try {
    const [got, ttl] = (await client.pipeline().get(key).pttl(key).exec()) ?? [];
    const error = got?.[0] ?? ttl?.[0];
    if (error?.message.startsWith('WRONGTYPE')) return refuse('its key in Redis is not a string');
    if (error) return unavailable(withoutArguments(link.reasonOf(error)));
    const value = got?.[1];
    return typeof value === 'string' ? { value, ttlMs: Number(ttl?.[1]) } : refuse('there is no such key in Redis');
  } catch (error) {
    return unavailable(withoutArguments(link.reasonOf(error as Error)));
  }
}

/** A server that does not know a command repeats what came with it, which is the token. */
function withoutArguments(reason: string): string {
  return reason.replace(/, with args .*/s, '');
}

const names = { uid: 'uid', system: 'sys', deviceId: 'did', expiresAt: 'exp' } as const;

function readValue({ value, ttlMs }: Found, rules: ClaimRules): TokenClaims | TokenRefusal {
  const endOfKey = ttlMs >= 0 ? Date.now() + ttlMs : undefined;
  if (!value.startsWith('{')) {
    return readClaims({ uid: value, system: undefined, deviceId: undefined, expiresAt: endOfKey }, names, rules);
  }
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(value) as typeof fields;
  } catch {
    return refuse('its value in Redis begins with "{" and is not JSON');
  }
  const { exp } = fields as { exp?: unknown };
  if (exp !== undefined && typeof exp !== 'number') return refuse('"exp" of its value in Redis is not a number');
  const { uid, sys: system, did: deviceId } = fields as Record<'uid' | 'sys' | 'did', unknown>;
  return readClaims({ uid, system, deviceId, expiresAt: exp === undefined ? endOfKey : exp * 1000 }, names, rules);
}

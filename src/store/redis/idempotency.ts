import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisClient } from '../../backends/redis-script.ts';
import { backOffMs } from '../../util/back-off.ts';
import { redisKeys } from '../../util/redis-keys.ts';
import { type IdempotencyClaim, type IdempotencyClaims, keptForMs } from '../idempotency.ts';
import { claimLua, finishLua, holdLua } from './idempotency-script.ts';

export interface RedisClaimsOptions {
  /** Heals itself; its commands fail in the end where Redis is not there. Stays the caller's. */
  readonly client: RedisClient;
  /** The name of the cluster. */
  readonly cluster: string;
  /** Whether a command has a chance: where it has none, nobody waits for one. Absent: always. */
  readonly isReady?: () => boolean;
  /** How long a claim lives without its node. Absent: 10,000 ms; it is prolonged three times in that. */
  readonly claimMs?: number;
  /** Told of each request that is done here alone, as Redis was not there to ask. */
  readonly onAlone?: (error: unknown) => void;
}

const wait = { firstMs: 10, mostMs: 250 };

/** The claims of all nodes of a cluster, in Redis 6.2 or newer: each a key of its own, gone by itself. See the contract. */
export function createRedisClaims(options: RedisClaimsOptions): IdempotencyClaims {
  const { client, cluster, isReady = () => true, claimMs = 10_000, onAlone = () => {} } = options;

  const run = createScripts(client);

  /** Undefined: Redis cannot be asked. */
  async function ask(key: string, hash: string, token: string): Promise<readonly unknown[] | undefined> {
    try {
      if (!isReady()) throw new Error('Redis is not there');
      return (await run.claim(key, hash, token, claimMs)) as unknown[];
    } catch (error) {
      onAlone(error);
      return undefined;
    }
  }

  function mine(key: string, hash: string, token: string): IdempotencyClaim {
    const held = setInterval(() => void run.hold(key, hash, token, claimMs).catch(() => {}), claimMs / 3);
    held.unref();
    const end = async (work: () => Promise<unknown>) => {
      clearInterval(held);
      // Where it fails the claim ends by itself.
      await work().catch(onAlone);
    };
    return {
      type: 'mine',
      finish: (result) => end(() => run.finish(key, hash, token, result, keptForMs)),
      abandon: () => end(() => run.hold(key, hash, token, 0)),
    };
  }

  return {
    async claim(id, bodyHash) {
      const key = keyOf(cluster, id);
      const token = randomUUID();
      for (let tries = 0; ; tries += 1) {
        const answer = await ask(key, bodyHash, token);
        if (answer === undefined) return alone;
        const [type, result, leftMs] = answer;
        if (type === 'conflict') return { type };
        if (type === 'done') return { type, result: String(result), leftMs: Math.max(1, Number(leftMs)) };
        if (type === 'mine') return mine(key, bodyHash, token);
        await sleep(backOffMs(tries, wait), undefined, { ref: false });
      }
    },
  };
}

const alone: IdempotencyClaim = { type: 'mine', finish: async () => {}, abandon: async () => {} };

/** Each in a slot of its own: nothing else of it is ever touched together with another. */
function keyOf(cluster: string, id: string): string {
  const slot = `idempotency:${createHash('sha256').update(id).digest('base64url')}`;
  return redisKeys(cluster, slot, ['answer']).answer;
}

type Script = (key: string, ...args: readonly (string | number)[]) => Promise<unknown>;

function createScripts(client: RedisClient): {
  readonly claim: Script;
  readonly finish: Script;
  readonly hold: Script;
} {
  client.defineCommand('yunqueIdempotencyClaim', { lua: claimLua, numberOfKeys: 1 });
  client.defineCommand('yunqueIdempotencyFinish', { lua: finishLua, numberOfKeys: 1 });
  client.defineCommand('yunqueIdempotencyHold', { lua: holdLua, numberOfKeys: 1 });
  const commands = client as unknown as Record<string, Script>;
  const script =
    (name: string): Script =>
    async (...args) =>
      await commands[name]?.(...args);
  return {
    claim: script('yunqueIdempotencyClaim'),
    finish: script('yunqueIdempotencyFinish'),
    hold: script('yunqueIdempotencyHold'),
  };
}

import type { Cluster, Redis } from 'ioredis';
import { backOffMs } from '../util/back-off.ts';

export type RedisClient = Redis | Cluster;
type Argument = string | number | Buffer;

export interface RedisScript {
  /** For ioredis; of one meaning in the whole program. */
  readonly name: string;
  readonly lua: string;
  /** All of one hash slot. */
  readonly keys: readonly string[];
}

/** What runs the script, sent by its digest; a server that has lost it is given it again, unnoticed (ioredis `defineCommand`). */
export function defineScript(client: RedisClient, script: RedisScript): RunScript {
  return define(client, script, script.name);
}

/** The same, with texts in its answers as buffers. */
export function defineBufferScript(client: RedisClient, script: RedisScript): RunScript {
  return define(client, script, `${script.name}Buffer`);
}

type RunScript = (...args: readonly Argument[]) => Promise<unknown>;

function define(client: RedisClient, { name, lua, keys }: RedisScript, command: string): RunScript {
  client.defineCommand(name, { lua, numberOfKeys: keys.length });
  const commands = client as unknown as Record<string, RunScript>;
  return async (...args) => await commands[command]?.(...keys, ...args);
}

/** Another connection of the same kind, such as one for subscribing, which connects again by itself and is whoever's asked for it. */
export function duplicateOf(client: RedisClient): RedisClient {
  const retryStrategy = (tries: number) => backOffMs(Math.min(tries, 10), { firstMs: 150, mostMs: 3000 });
  return 'nodes' in client
    ? client.duplicate([], { clusterRetryStrategy: retryStrategy })
    : client.duplicate({ retryStrategy });
}

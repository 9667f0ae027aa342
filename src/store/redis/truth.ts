import { defineScript, type RedisClient } from '../../backends/redis-script.ts';
import { redisKeys } from '../../util/redis-keys.ts';
import type { Ancestor } from './history.ts';
import type { Records } from './records.ts';
import { type Position, readStoreReply, type StoreReply, storeKeys, storeLua, writeLineage } from './store-script.ts';

/** The stores as Redis keeps them. Each call answers what `storeLua` says, and rejects where Redis does not in `timeoutMs`. */
export class StoreTruth {
  readonly #run: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #timeoutMs: number;

  constructor(client: RedisClient, cluster: string, timeoutMs: number) {
    const keys = redisKeys(cluster, 'store', storeKeys);
    this.#run = defineScript(client, {
      name: 'yunqueStores',
      lua: storeLua,
      keys: storeKeys.map((part) => keys[part]),
    });
    this.#timeoutMs = timeoutMs;
  }

  read(known: Position): Promise<StoreReply> {
    return this.#ask('read', known, []);
  }

  /** `head`: the id of the write. `lineage`: another one than before, if any. */
  write(
    at: Position,
    head: string,
    changes: string,
    records: Records,
    lineage: readonly Ancestor[] = [],
  ): Promise<StoreReply> {
    return this.#ask('write', at, [head, changes, writeLineage(lineage), ...records]);
  }

  /** The records take the place of all that is there. */
  begin(from: Position, to: Position, lineage: readonly Ancestor[], records: Records): Promise<StoreReply> {
    return this.#ask('begin', from, [to.epoch, to.revision, to.head, writeLineage(lineage), ...records]);
  }

  async #ask(mode: string, { epoch, revision, head }: Position, more: Records): Promise<StoreReply> {
    const work = this.#run(mode, epoch, revision, head, ...more);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('Redis does not answer')), this.#timeoutMs);
    try {
      return readStoreReply(await Promise.race([work, late.promise]));
    } finally {
      clearTimeout(timer);
      // What comes after that is nobody's.
      work.catch(() => {});
    }
  }
}

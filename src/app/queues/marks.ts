import type { RedisClient } from '../../backends/redis-script.ts';
import { RedisSequences } from '../../egress/events/redis-sequences.ts';
import { MemorySequences, type Sequences } from '../../egress/events/sequences.ts';
import { createIdempotency } from '../../store/create-idempotency.ts';
import type { Idempotency, IdempotencyClaims } from '../../store/idempotency.ts';
import { MemorySeen } from '../../store/memory-seen.ts';
import { createRedisClaims } from '../../store/redis/idempotency.ts';
import { RedisSeen } from '../../store/redis/seen.ts';
import type { Seen } from '../../store/seen.ts';
import type { Owned } from '../owned.ts';

/** What tells the new from what was there before: records of queues, pushes that are sent again, and the order of connection events. */
export interface Marks {
  readonly seen: Seen;
  readonly idempotency: Idempotency;
  readonly sequences: Sequences;
}

/** Of this process; `claims`: what it shares with others of pushes that are sent again. */
export function ownMarks(owned: Owned, claims?: IdempotencyClaims): Marks {
  const seen = new MemorySeen();
  owned.add('what was seen of queues', () => seen.close());
  return { seen, idempotency: createIdempotency(claims && { claims }), sequences: new MemorySequences() };
}

export interface SharedMarksOptions {
  readonly client: RedisClient;
  /** Its name. */
  readonly cluster: string;
  readonly isReady: () => boolean;
}

/** Of all nodes of a cluster, as long as Redis answers. */
export function sharedMarks({ client, cluster, isReady }: SharedMarksOptions, owned: Owned): Marks {
  const seen = new RedisSeen({ client, cluster });
  owned.add('what was seen of queues', () => seen.close());
  return {
    seen,
    idempotency: createIdempotency({ claims: createRedisClaims({ client, cluster, isReady }) }),
    sequences: new RedisSequences({ client, cluster }),
  };
}

import type { MarkFigures } from '../../api/stats.ts';
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
  figures(): MarkFigures;
}

/** Of this process; `claims`: what it shares with others of pushes that are sent again. */
export function ownMarks(owned: Owned, claims?: IdempotencyClaims): Marks {
  const seen = new MemorySeen();
  owned.add('what was seen of queues', () => seen.close());
  const sequences = new MemorySequences();
  const idempotency = createIdempotency(claims && { claims });
  return { seen, idempotency, sequences, figures: () => figuresOf(seen, sequences, 0) };
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
  const sequences = new RedisSequences({ client, cluster });
  let alone = 0;
  const onAlone = () => {
    alone += 1;
  };
  return {
    seen,
    idempotency: createIdempotency({ claims: createRedisClaims({ client, cluster, isReady, onAlone }) }),
    sequences,
    figures: () => figuresOf(seen, sequences, alone),
  };
}

function figuresOf({ figures: { shortened, failed } }: Seen, { local }: Sequences, alone: number): MarkFigures {
  return { seen_shortened: shortened, seen_failed: failed, sequences_local: local, idempotency_alone: alone };
}

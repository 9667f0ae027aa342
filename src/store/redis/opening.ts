import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '../../util/start-error.ts';
import { brokenTruth, notGivenBack, notToBeAsked, otherSchema } from './store-errors.ts';
import type { Position, StoreReply } from './store-script.ts';

export interface OpeningOptions {
  readonly cluster: string;
  /** The pattern of what is kept in Redis. */
  readonly keys: string;
  /** How long Redis is to be seen empty, or without any word of where its records were, with nobody else alive, until it is begun. */
  readonly settleMs: number;
  readonly timeoutMs: number;
  readonly read: () => Promise<StoreReply>;
  /** Comes to know what Redis has. */
  readonly take: (reply: StoreReply) => Promise<void>;
  /** This node knows something from its last run. */
  readonly isKnown: boolean;
  /** Whether this node knows everything that led there. */
  readonly knows: (position: Position) => boolean;
  /** Begins in an empty Redis; false: somebody else did. */
  readonly begin: () => Promise<boolean>;
  readonly hasOthers: () => boolean;
  readonly reasonOf: (error: Error) => string;
  /** Told once: it waits for those who may know. */
  readonly onWaiting: (ms: number) => void;
}

/** How much longer those are waited for who live and should give back. */
const givingMs = 10_000;
const everyMs = 100;

/**
 * Resolves when this node knows what Redis has. An empty one may be new, or may have lost everything, the leases of those who know among it: they
 * enter again and give back within a beat and a look, and until then nothing is begun, nor anything served. Throws `StartError`.
 */
export async function openTruth(options: OpeningOptions): Promise<void> {
  const { cluster, settleMs, timeoutMs } = options;
  let lastAnswer = performance.now();
  /** From then on it was empty without a break, and nobody else alive. */
  let quietSince: number | undefined;
  let lackingSince: number | undefined;
  let upSeconds = 0;
  for (;;) {
    try {
      const reply = await options.read();
      if (reply.type === 'schema') throw otherSchema(cluster, reply.schema);
      const isVoid =
        reply.type === 'empty' || (reply.type === 'broken' && options.isKnown && reply.position.epoch === '');
      const isLost = !isVoid && reply.type === 'broken' && !options.knows(reply.position);
      if (!isVoid && !isLost) return await options.take(reply);
      const now = performance.now();
      if (lackingSince === undefined && settleMs > 0) options.onWaiting(settleMs);
      lackingSince ??= now;
      const isStartedAgain = reply.type === 'empty' && reply.upSeconds < upSeconds;
      if (reply.type === 'empty') upSeconds = reply.upSeconds;
      const isQuiet = isVoid && !isStartedAgain && !options.hasOthers();
      quietSince = isQuiet ? (quietSince ?? now) : undefined;
      if (quietSince !== undefined && now - quietSince >= settleMs && (await options.begin())) return;
      if (isLost && now - lackingSince > settleMs) throw brokenTruth(cluster, options.keys);
      if (!isQuiet && now - lackingSince > settleMs + givingMs) throw notGivenBack(cluster);
      lastAnswer = performance.now();
    } catch (error) {
      if (error instanceof StartError) throw error;
      if (performance.now() - lastAnswer > timeoutMs) throw notToBeAsked(cluster, options.reasonOf(error as Error));
      quietSince = undefined;
    }
    await delay(everyMs);
  }
}

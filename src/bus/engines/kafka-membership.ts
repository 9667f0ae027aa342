import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from '@platformatic/kafka';
import { kafkaReason } from '../../backends/kafka.ts';
import { backOffMs } from '../../util/back-off.ts';

export interface KafkaMembershipOptions {
  readonly topic: string;
  /** Made with a group of this node's own, and its id as the static member. */
  readonly member: Consumer;
  /** What was handed on; undefined: nothing so far. */
  position(): { readonly offset: bigint; readonly leaderEpoch: number } | undefined;
  readonly commitEveryMs: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

const backOff = { firstMs: 500, mostMs: 10_000 };

/**
 * This node as the one member of its own group, for as long as it runs: it keeps its offset there, for itself after a restart and
 * for whoever watches the group's lag. It joins in the background, as nothing waits for the group to read.
 */
export class KafkaMembership {
  readonly #options: KafkaMembershipOptions;
  readonly #ending = new AbortController();
  #committed = -1n;
  #joins = 0;
  #isJoining = false;
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #counts = { commits: 0, commit_failures: 0, heartbeat_stalls: 0 };

  constructor(options: KafkaMembershipOptions) {
    this.#options = options;
    const { member, topic, warn } = options;
    member.topics.track(topic);
    member.on('consumer:group:join', () => {
      this.#joins += 1;
    });
    // It has given up to be a member.
    member.on('error', () => this.#join());
    member.on('consumer:heartbeat:stalled', ({ lastError, stalledFor }) => {
      this.#counts.heartbeat_stalls += 1;
      warn(
        { stalledMs: stalledFor, reason: kafkaReason(lastError) },
        'Kafka has not heard from this node for too long',
      );
    });
  }

  start(): void {
    this.#join();
    this.#timer = setTimeout(() => this.#commitOften(), this.#options.commitEveryMs);
  }

  figures() {
    return { ...this.#counts, rebalances: Math.max(0, this.#joins - 1) };
  }

  /** Commits what was handed on last, and leaves the group. To be called when nothing more is. */
  async close(): Promise<void> {
    this.#ending.abort();
    clearTimeout(this.#timer);
    await this.#running;
    await this.#commit();
    // Closing the client alone leaves it a member where a join is under way: it would beat for ever, and keep the process.
    const { member } = this.#options;
    await new Promise<void>((resolve) => member.leaveGroup(true, () => resolve()));
  }

  #join(): void {
    if (this.#isJoining || this.#ending.signal.aborted) return;
    this.#isJoining = true;
    void this.#keepJoining();
  }

  async #keepJoining(): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#options.member.joinGroup({});
        break;
      } catch {
        await pause(backOffMs(Math.min(failures, 16), backOff), undefined, { signal }).catch(() => {});
      }
    }
    this.#isJoining = false;
  }

  #commitOften(): void {
    this.#running = this.#commit().then(() => {
      if (!this.#ending.signal.aborted) {
        this.#timer = setTimeout(() => this.#commitOften(), this.#options.commitEveryMs);
      }
    });
  }

  async #commit(): Promise<void> {
    const { member, topic } = this.#options;
    const position = this.#options.position();
    if (position === undefined || position.offset === this.#committed || !member.isActive()) return;
    try {
      await member.commit({ offsets: [{ topic, partition: 0, ...position }] });
      this.#committed = position.offset;
      this.#counts.commits += 1;
    } catch {
      this.#counts.commit_failures += 1;
    }
  }
}

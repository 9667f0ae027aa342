import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterMetadata, Consumer } from '@platformatic/kafka';
import { kafkaReason } from '../../../backends/kafka.ts';
import { backOffMs } from '../../../util/back-off.ts';

export interface KafkaGroupOptions {
  readonly topic: string;
  readonly member: Consumer;
  readonly sessionTimeoutMs: number;
  /** Some partitions, or none, are this node's until `onRevoked`. */
  onAssigned(tenure: KafkaTenure): void;
  /** They may be another's from when it resolved: what is under way should end, and be committed, before; it is waited for a few seconds. */
  onRevoked(tenure: KafkaTenure): Promise<void>;
  /** `failure` has changed. */
  onChange(): void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

/** One time of being a member, with these partitions. */
export interface KafkaTenure {
  readonly partitions: readonly number[];
  /** Whether it is sure that nobody else has them: Kafka was heard of lately enough. */
  isHeld(): boolean;
  /** Whether what is committed now is committed by the one who was given them. */
  isMember(): boolean;
}

const joining = 'not a member of the group yet';
const rebalancing = 'the readers of the group share out its partitions';
const backOff = { firstMs: 200, mostMs: 5000 };

/** Is told how many partitions the topic has now. */
type BeforeJoin = (partitions: number) => Promise<void>;

/** What clients of a group are made with besides. Heartbeats go often, as a member hears of a change by their answers alone. */
export function membershipOptions(sessionTimeoutMs: number, topic: string, beforeJoin: BeforeJoin) {
  const rebalanceTimeout = Math.max(sessionTimeoutMs, 6000);
  return {
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout,
    // Kafka answers who joins when all have, at the latest after the time for that.
    requestTimeout: rebalanceTimeout + 5000,
    heartbeatInterval: Math.floor(sessionTimeoutMs / 10),
    heartbeatStallTimeout: sessionTimeoutMs,
    // Called before each request to join, which gives up all partitions: the one place where that can be held up.
    protocolsMetadata: (_protocols: unknown, _topics: unknown, metadata: ClusterMetadata) =>
      beforeJoin(metadata.topics.get(topic)?.partitionsCount ?? 0).then(() => Buffer.alloc(0)),
  };
}

/** This node as one member of the group that shares the topic's partitions out. It joins, and joins again, by itself. */
export class KafkaGroup {
  readonly #options: KafkaGroupOptions;
  readonly #ending = new AbortController();
  #tenure: KafkaTenure | undefined;
  #failure: string | undefined = joining;
  #isJoining = false;
  #isLeader = false;
  #joins = 0;
  /** Partitions of the topic when it was joined last. */
  #sharedOut = 0;
  /** When the heartbeat that Kafka has answered last was sent. */
  #heardAt = 0;
  #beatAt = 0;
  readonly #counts = { heartbeat_stalls: 0 };

  constructor(options: KafkaGroupOptions) {
    this.#options = options;
    const { member, topic, warn } = options;
    member.topics.track(topic);
    member.on('consumer:group:join', ({ assignments, isLeader }) => {
      this.#isLeader = isLeader ?? false;
      this.#begin(assignments?.find((one) => one.topic === topic)?.partitions ?? []);
    });
    member.on('consumer:heartbeat:start', () => {
      this.#beatAt = performance.now();
    });
    member.on('consumer:heartbeat:end', () => {
      this.#heardAt = this.#beatAt;
      if (this.#tenure !== undefined) this.#tell(undefined);
    });
    member.on('consumer:heartbeat:stalled', ({ lastError, stalledFor }) => {
      this.#counts.heartbeat_stalls += 1;
      const reason = lastError === undefined ? 'no answer' : kafkaReason(lastError);
      warn({ topic, stalledMs: stalledFor, reason }, 'Kafka has not heard from this node for too long');
      this.#tell(`Kafka has not heard from this node for too long: ${reason}`);
    });
    // It has given up to be a member.
    member.on('error', (error) => this.#join(kafkaReason(error)));
  }

  /** Why it has no share of the topic now; undefined: it has one, which may be none of the partitions. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether nothing is wrong: the partitions are being shared out, which is over soon. */
  get isOnItsWay(): boolean {
    return this.#failure === joining || this.#failure === rebalancing;
  }

  /** Whether a topic that has so many partitions has more than were shared out, and this node is who does that. */
  hasGrown(partitions: number): boolean {
    return this.#isLeader && this.#tenure !== undefined && partitions > this.#sharedOut;
  }

  figures() {
    return { ...this.#counts, rebalances: Math.max(0, this.#joins - 1) };
  }

  start(): void {
    this.#join();
  }

  /** Has the partitions shared out anew. */
  rejoin(): void {
    if (this.#tenure !== undefined) this.#join(rebalancing);
  }

  /** To be awaited before each request to join. */
  async giveUp(partitions = 0): Promise<void> {
    this.#sharedOut = partitions;
    const tenure = this.#tenure;
    if (tenure === undefined) return;
    this.#tenure = undefined;
    this.#tell(rebalancing);
    await this.#options.onRevoked(tenure);
  }

  /** Gives its partitions up, and leaves. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.giveUp();
    // Closing the client alone leaves it a member where a join is under way: it would beat for ever, and keep the process.
    const { member } = this.#options;
    await new Promise<void>((resolve) => member.leaveGroup(true, () => resolve()));
  }

  #begin(partitions: readonly number[]): void {
    const { member, sessionTimeoutMs } = this.#options;
    if (this.#ending.signal.aborted) return;
    const { generationId, memberId } = member;
    this.#joins += 1;
    this.#heardAt = performance.now();
    this.#beatAt = this.#heardAt;
    const isMember = () => member.generationId === generationId && member.memberId === memberId;
    const tenure: KafkaTenure = {
      partitions,
      isMember,
      isHeld: () => this.#tenure === tenure && isMember() && performance.now() - this.#heardAt < sessionTimeoutMs,
    };
    this.#tenure = tenure;
    this.#tell(undefined);
    this.#options.onAssigned(tenure);
  }

  #join(reason?: string): void {
    if (this.#isJoining || this.#ending.signal.aborted) return;
    this.#isJoining = true;
    if (reason !== undefined) this.#tell(reason);
    void this.#keepJoining();
  }

  async #keepJoining(): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#options.member.joinGroup({});
        break;
      } catch (error) {
        this.#tell(kafkaReason(error));
        await pause(backOffMs(Math.min(failures, 16), backOff), undefined, { signal }).catch(() => {});
      }
    }
    this.#isJoining = false;
  }

  #tell(failure: string | undefined): void {
    if (this.#failure === failure) return;
    this.#failure = failure;
    this.#options.onChange();
  }
}

import type { ConnectionInfo, ListQuery, Page } from '../api/listing.ts';
import type { ClusterStats } from '../api/stats.ts';
import { ratesBetween, type SampleTime, secondsBetween, sumRates } from '../client/rates.ts';
import { appendHistory, emptyHistory, type NodeSample, type Snapshot } from './snapshot.ts';

/** Where samples come from: the admin client, or a fake. */
export interface StatsSource {
  stats(): Promise<ClusterStats>;
  connections(query: ListQuery): Promise<Page<ConnectionInfo>>;
}

export interface PollerOptions {
  readonly source: StatsSource;
  /** From the start of one sample to the start of the next. */
  readonly intervalMs: number;
  /** An answer later than this counts as none (the question stays open and is not asked twice). Default 3000. */
  readonly patienceMs?: number;
  /** Points of history kept for each series. Default 240. */
  readonly historyLimit?: number;
  /** A steady clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

const noAnswer = Symbol('no answer in time');

/**
 * Samples a server at an interval and turns the answers into snapshots. It knows no screen. It never rejects while
 * running: a server that does not answer makes snapshots whose link is `failing`, a gap in the history, and another try.
 * At most one question of each kind is open at any time.
 */
export class Poller {
  readonly #options: Required<PollerOptions>;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot = {
    samples: 0,
    link: { state: 'connecting' },
    stats: undefined,
    ageMs: 0,
    nodes: [],
    rates: undefined,
    history: emptyHistory,
    clients: undefined,
  };
  #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #openQuestion: Promise<ClusterStats> | undefined;
  #askedMs = 0;
  #lastTime: SampleTime | undefined;
  #listQuery: ListQuery | undefined;
  #listBusy = false;
  #listStale = false;
  #isListHeld = false;

  constructor(options: PollerOptions) {
    this.#options = { patienceMs: 3000, historyLimit: 240, now: () => performance.now(), ...options };
    this.#intervalMs = options.intervalMs;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Calls back after every change of `snapshot`; returns the way out. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Samples now and then at every interval, until `close`. */
  start(): void {
    this.#running = true;
    void this.#tick();
  }

  /** Takes effect at once: the next sample is one new interval away. */
  setIntervalMs(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    if (this.#timer) this.#schedule(intervalMs);
  }

  /** The client list to keep fresh; undefined for none. A new query is asked at once, and only the newest is answered. */
  watchClients(query: ListQuery | undefined): void {
    this.#listQuery = query;
    if (!query) {
      this.#emit({ ...this.#snapshot, clients: undefined });
      return;
    }
    void this.#refreshList();
  }

  /** While held, the list is fetched only when its query changes. */
  holdClients(isHeld: boolean): void {
    this.#isListHeld = isHeld;
  }

  close(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  /** Takes one sample, the client list included. Resolves with the snapshot whether or not there was an answer. */
  async sample(): Promise<Snapshot> {
    await Promise.all([this.#sampleStats(), this.#refreshListIfDue()]);
    return this.#snapshot;
  }

  async #tick(): Promise<void> {
    this.#timer = undefined;
    const startedMs = this.#options.now();
    void this.#refreshListIfDue();
    await this.#sampleStats();
    if (!this.#running) return;
    this.#schedule(Math.max(0, this.#intervalMs - (this.#options.now() - startedMs)));
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), delayMs);
  }

  async #sampleStats(): Promise<void> {
    try {
      const stats = await this.#ask();
      this.#onStats(stats, { serverMs: stats.time, askedMs: this.#askedMs, answeredMs: this.#options.now() });
    } catch (cause) {
      this.#onFailure(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  async #ask(): Promise<ClusterStats> {
    if (!this.#openQuestion) {
      this.#askedMs = this.#options.now();
      const question = this.#options.source.stats();
      this.#openQuestion = question;
      const settle = () => {
        if (this.#openQuestion === question) this.#openQuestion = undefined;
      };
      question.then(settle, settle);
    }
    const answer = await withPatience(this.#openQuestion, this.#options.patienceMs);
    if (answer === noAnswer) throw new Error(`no answer within ${this.#options.patienceMs / 1000} s`);
    return answer;
  }

  #onStats(stats: ClusterStats, time: SampleTime): void {
    const seconds = this.#lastTime ? secondsBetween(this.#lastTime, time) : 0;
    this.#lastTime = time;
    const before = new Map(this.#snapshot.nodes.map((sample) => [sample.stats.node, sample]));
    const nodes = stats.nodes.map((node): NodeSample => {
      const previous = before.get(node.node);
      const rates = ratesBetween(previous?.stats, node, seconds);
      return { stats: node, rates, history: this.#append(previous?.history ?? emptyHistory, rates) };
    });
    const rates = sumRates(nodes.map((node) => node.rates));
    const isFirst = this.#snapshot.stats === undefined;
    this.#emit({
      ...this.#snapshot,
      samples: this.#snapshot.samples + 1,
      link: { state: 'live' },
      stats,
      ageMs: 0,
      nodes,
      rates,
      history: isFirst ? this.#snapshot.history : this.#append(this.#snapshot.history, rates),
    });
  }

  #onFailure(error: Error): void {
    const { link, nodes, history } = this.#snapshot;
    this.#emit({
      ...this.#snapshot,
      samples: this.#snapshot.samples + 1,
      link: { state: 'failing', attempts: link.state === 'failing' ? link.attempts + 1 : 1, error },
      ageMs: this.#lastTime ? this.#options.now() - this.#lastTime.answeredMs : 0,
      nodes: nodes.map((node) => ({ ...node, rates: undefined, history: this.#append(node.history, undefined) })),
      rates: undefined,
      history: this.#append(history, undefined),
    });
  }

  #append(history: NodeSample['history'], rates: NodeSample['rates']): NodeSample['history'] {
    return appendHistory(history, rates, this.#options.historyLimit);
  }

  async #refreshListIfDue(): Promise<void> {
    if (this.#listQuery && !this.#isListHeld) await this.#refreshList();
  }

  async #refreshList(): Promise<void> {
    this.#listStale = true;
    if (this.#listBusy) return;
    this.#listBusy = true;
    while (this.#listStale && this.#listQuery) {
      this.#listStale = false;
      await this.#fetchList(this.#listQuery);
    }
    this.#listBusy = false;
  }

  async #fetchList(query: ListQuery): Promise<void> {
    const kept = this.#snapshot.clients?.query === query ? this.#snapshot.clients.page : undefined;
    const clients = await this.#options.source.connections(query).then(
      (page) => ({ query, page, error: undefined }),
      (cause: unknown) => ({ query, page: kept, error: wordsOf(cause) }),
    );
    if (this.#listQuery === query) this.#emit({ ...this.#snapshot, clients });
  }

  #emit(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** A refusal's hint is what the operator needs: which fields there are. */
function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { message, hint } = cause as Error & { readonly hint?: string };
  return hint === undefined ? message : `${message}; ${hint}`;
}

async function withPatience<T>(answer: Promise<T>, patienceMs: number): Promise<T | typeof noAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<typeof noAnswer>((resolve) => {
    timer = setTimeout(() => resolve(noAnswer), patienceMs);
  });
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}

import type { Standing } from '../../api/standing.ts';
import type { Logger } from '../../telemetry/log.ts';
import { type Circumstances, type Judgement, judgeStanding } from './judge-standing.ts';

export interface StandingWatchOptions {
  readonly circumstances: () => Circumstances;
  /** Tells the other nodes; called with every change. */
  readonly tell: (standing: Standing) => void;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  readonly intervalMs?: number;
  /** A cut counts when it has lasted so long: of an outage that all share, some hear sooner. */
  readonly patienceMs?: number;
  /** What has lasted so long is written to the log. */
  readonly sayAfterMs?: number;
}

/** Looks at what this node reaches, tells the others, and says when it changes. */
export class StandingWatch {
  readonly #options: StandingWatchOptions;
  readonly #intervalMs: number;
  readonly #patienceMs: number;
  readonly #sayAfterMs: number;
  #timer: NodeJS.Timeout | undefined;
  #told: Standing | undefined;
  #judgement: Judgement = { cutOff: undefined, troubles: [] };
  #cutSince: number | undefined;
  /** When each trouble of now began, and those that were said. */
  readonly #since = new Map<string, number>();
  readonly #said = new Set<string>();

  constructor(options: StandingWatchOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 500;
    this.#patienceMs = options.patienceMs ?? 4000;
    this.#sayAfterMs = options.sayAfterMs ?? 2000;
  }

  /** Why balancers must send this node nobody; undefined: they may. */
  get cutOff(): string | undefined {
    const { cutOff } = this.#judgement;
    return this.#cutSince !== undefined && performance.now() - this.#cutSince >= this.#patienceMs ? cutOff : undefined;
  }

  /** As of now. */
  get troubles(): readonly string[] {
    this.look();
    return this.#judgement.troubles;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), this.#intervalMs);
    this.#timer.unref();
  }

  /** To be called when something has changed, so that the others hear of it at once. */
  look(): void {
    const circumstances = this.#options.circumstances();
    const { redisFailure, busFailure, linked } = circumstances;
    this.#tell({ redis: redisFailure === undefined, bus: busFailure === undefined, links: linked.length });
    this.#judgement = judgeStanding(circumstances);
    if (this.#judgement.cutOff === undefined) this.#cutSince = undefined;
    else this.#cutSince ??= performance.now();
    this.#say(this.#judgement.troubles);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tell(standing: Standing): void {
    const told = this.#told;
    if (told?.redis === standing.redis && told.bus === standing.bus && told.links === standing.links) return;
    this.#told = standing;
    this.#options.tell(standing);
  }

  /** What has lasted: a node that starts is a member before it is linked. */
  #say(troubles: readonly string[]): void {
    const { log } = this.#options;
    const now = performance.now();
    for (const trouble of this.#since.keys()) if (!troubles.includes(trouble)) this.#since.delete(trouble);
    for (const trouble of troubles) {
      const since = this.#since.get(trouble) ?? now;
      this.#since.set(trouble, since);
      if (now - since < this.#sayAfterMs || this.#said.has(trouble)) continue;
      this.#said.add(trouble);
      log.warn(trouble);
    }
    if (troubles.length > 0 || this.#said.size === 0) return;
    this.#said.clear();
    log.info('the cluster is whole again');
  }
}

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
}

/** Looks at what this node reaches, tells the others, and says when it changes. */
export class StandingWatch {
  readonly #options: StandingWatchOptions;
  readonly #intervalMs: number;
  readonly #patienceMs: number;
  #timer: NodeJS.Timeout | undefined;
  #told: Standing | undefined;
  #judgement: Judgement = { cutOff: undefined, troubles: [] };
  #cutSince: number | undefined;

  constructor(options: StandingWatchOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 500;
    this.#patienceMs = options.patienceMs ?? 4000;
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
    const before = this.#judgement.troubles;
    this.#judgement = judgeStanding(circumstances);
    if (this.#judgement.cutOff === undefined) this.#cutSince = undefined;
    else this.#cutSince ??= performance.now();
    this.#say(before, this.#judgement.troubles);
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

  #say(before: readonly string[], now: readonly string[]): void {
    const { log } = this.#options;
    for (const trouble of now) if (!before.includes(trouble)) log.warn(trouble);
    if (before.length > 0 && now.length === 0) log.info('the cluster is whole again');
  }
}

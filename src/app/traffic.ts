import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Doors } from './listeners.ts';

/** A node nobody asked anything for this long has no balancer that would have to notice its going. */
const quietMs = 15_000;

/**
 * Stands in front of the doors and knows which HTTP requests are under way, and whether anybody but the operator and the
 * node itself came lately.
 */
export class Traffic {
  readonly #isOwn: (request: IncomingMessage) => boolean;
  #underWay = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #isLeaving = false;
  #answered: PromiseWithResolvers<void> | undefined;

  /** `isOwn`: the node's own probe. */
  constructor(isOwn: (request: IncomingMessage) => boolean) {
    this.#isOwn = isOwn;
  }

  inFrontOf(doors: Doors): Doors {
    return {
      ...doors,
      request: (request, response) => {
        this.#noteVisit(request);
        this.#follow(response);
        doors.request(request, response);
      },
      webSocketOnly: (request, response) => {
        this.#follow(response);
        doors.webSocketOnly(request, response);
      },
      upgrade: (request, socket, head, paths) => {
        this.#noteVisit(request);
        doors.upgrade(request, socket, head, paths);
      },
    };
  }

  get isQuiet(): boolean {
    return performance.now() - this.#lastAt > quietMs;
  }

  /** From now on every answer ends its connection (`Connection: close`). */
  leave(): void {
    this.#isLeaving = true;
  }

  /** Answers end no connection any more. */
  stay(): void {
    this.#isLeaving = false;
  }

  /** Resolves when no request is under way. */
  async whenAnswered(): Promise<void> {
    if (this.#underWay === 0) return;
    this.#answered ??= Promise.withResolvers();
    await this.#answered.promise;
  }

  #noteVisit(request: IncomingMessage): void {
    if (request.url?.startsWith('/admin/') !== true && !this.#isOwn(request)) this.#lastAt = performance.now();
  }

  #follow(response: ServerResponse): void {
    if (this.#isLeaving) response.shouldKeepAlive = false;
    this.#underWay += 1;
    response.on('close', this.#onAnswered);
  }

  readonly #onAnswered = (): void => {
    this.#underWay -= 1;
    if (this.#underWay > 0) return;
    this.#answered?.resolve();
    this.#answered = undefined;
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Privilege } from '../../access/access.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { awaitsBody, type BodyRules, collectBody } from './bodies.ts';
import type { BodyLease } from './body-budget.ts';
import { type Asked, type Asker, letIn } from './gate.ts';
import { decodeUtf8 } from './json-body.ts';
import type { HttpIngressOptions } from './options.ts';
import type { Headed } from './refusal.ts';

/** A path of a family whose answers are JSON text. */
export interface JsonEndpoint {
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST')[];
  readonly privilege: Privilege;
  /**
   * The text of the answer to a request that was let in; `body`: undefined where it has none; what it says beside is put in `headed`. Throws, or
   * rejects, with whatever is wrong.
   */
  answer(asked: Asked, body: string | undefined, headed: Headed): Awaitable<string>;
  /** How the family words it; what it says beside is put in `headed`. */
  refuse(error: unknown, asked: Asked, headed: Headed): JsonRefusal;
}

/** An empty `body` is none. */
export interface JsonRefusal {
  readonly status: number;
  readonly body: string;
}

/** Endpoints that are found by their exact path, without a router: a push is so cheap that routing it would cost as much. */
export interface Endpoints {
  add(scope: FastifyInstance, endpoint: JsonEndpoint): void;
  /** False where it is none of them, or is spelled in another way. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

export function createEndpoints(options: HttpIngressOptions, bodies: BodyRules): Endpoints {
  const byPath = new Map<string, JsonEndpoint>();
  const serve = (endpoint: JsonEndpoint, raw: IncomingMessage, response: ServerResponse) =>
    new Exchange(options, bodies, endpoint, raw, response).start();
  return {
    add(scope, endpoint) {
      const { path, methods } = endpoint;
      if (methods.includes('POST')) byPath.set(path, endpoint);
      // The same path with a query, an escape or another method: the router finds it, and nothing else is different.
      scope.route({
        method: [...methods],
        url: path,
        onRequest: (request, reply) => {
          reply.hijack();
          serve(endpoint, request.raw, reply.raw);
        },
        // Never reached: the hook above ends Fastify's part.
        handler: () => {},
      });
    },
    handle(request, response) {
      const endpoint = request.method === 'POST' ? byPath.get(request.url ?? '') : undefined;
      if (endpoint === undefined) return false;
      serve(endpoint, request, response);
      return true;
    },
  };
}

/** One request and its answer: gate, body, endpoint, and whatever of it goes wrong. */
class Exchange implements Asked {
  readonly raw: IncomingMessage;
  asker: Asker | null = null;
  readonly #options: HttpIngressOptions;
  readonly #bodies: BodyRules;
  readonly #endpoint: JsonEndpoint;
  readonly #response: ServerResponse;

  constructor(
    options: HttpIngressOptions,
    bodies: BodyRules,
    endpoint: JsonEndpoint,
    raw: IncomingMessage,
    response: ServerResponse,
  ) {
    this.#options = options;
    this.#bodies = bodies;
    this.#endpoint = endpoint;
    this.raw = raw;
    this.#response = response;
  }

  start(): void {
    try {
      const judged = letIn(this.#options, this, this.#endpoint.privilege);
      if (judged instanceof Promise) judged.then(() => this.#readBody(), this.#refuse);
      else this.#readBody();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #readBody(): void {
    let lease: BodyLease | null = null;
    const onLease = (opened: BodyLease) => {
      lease = opened;
    };
    try {
      if (!awaitsBody(this.#bodies, this.raw, this.#response, this.asker?.system, onLease)) this.#answer(undefined);
      else collectBody(this.raw, this.#bodies, lease, (body) => this.#answer(body), this.#refuse);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #answer(body: Buffer | undefined): void {
    const headers: string[] = [];
    try {
      const answer = this.#endpoint.answer(this, body && decodeUtf8(body), headedBy(headers));
      if (answer instanceof Promise) answer.then((text) => this.#write(200, text, headers), this.#refuse);
      else this.#write(200, answer, headers);
    } catch (error) {
      this.#refuse(error);
    }
  }

  readonly #refuse = (error: unknown): void => {
    const headers: string[] = [];
    const { status, body } = this.#endpoint.refuse(error, this, headedBy(headers));
    this.#write(status, body, headers);
  };

  #write(status: number, body: string, headers: string[]): void {
    const length = Buffer.byteLength(body);
    if (body !== '') headers.push('content-type', 'application/json; charset=utf-8');
    headers.push('content-length', String(length));
    // ASCII, as nearly all answers are, is written with the head in one piece either way, and in Latin-1 without a conversion.
    this.#response.writeHead(status, headers).end(body, length === body.length ? 'latin1' : 'utf8');
  }
}

/** Names and values in turns. */
function headedBy(headers: string[]): Headed {
  return { header: (name, value) => headers.push(name, value) };
}

import type { FastifyInstance, FastifyReply } from 'fastify';

export interface RouteTable {
  /** Remembers every route added to `scope` from now on, and how that family answers a wrong method. */
  watch(scope: FastifyInstance, answer: AnswerWrongMethod): void;
  /** Undefined where no route has this path, whatever the method. */
  find(path: string): { readonly allow: string; readonly answer: AnswerWrongMethod } | undefined;
}

export type AnswerWrongMethod = (reply: FastifyReply) => FastifyReply;

interface Known {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
  readonly answer: AnswerWrongMethod;
}

/** Which methods each path takes: Fastify answers 404 where HTTP has 405. Asked only after routing has failed. */
export function createRouteTable(): RouteTable {
  const known = new Map<string, Known>();
  return {
    watch(scope, answer) {
      scope.addHook('onRoute', ({ url, method }) => {
        const entry = known.get(url) ?? { pattern: patternOf(url), methods: new Set(), answer };
        for (const name of [method].flat()) entry.methods.add(name);
        known.set(url, entry);
      });
    },
    find(path) {
      const entry = known.get(path) ?? known.values().find(({ pattern }) => pattern.test(path));
      return entry && { allow: [...entry.methods].join(', '), answer: entry.answer };
    },
  };
}

/** `/users/:uid` as a regular expression. */
function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:\w+/g, '[^/]+')}$`);
}

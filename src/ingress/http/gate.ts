import type { onRequestHookHandler } from 'fastify';
import type { Privilege } from '../../access/access.ts';
import { YunqueError } from '../../api/errors.ts';
import type { HttpIngressOptions } from './options.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A POST that is taken by a draining node too. */
    readonly whileDraining?: boolean;
  }
}

/** Judges access once, before a byte of the body is read; a node that is going away takes no more POSTs. */
export function createGate(options: HttpIngressOptions, privilege: Privilege): onRequestHookHandler {
  return (request, _reply, done) => {
    const judgement = options.access.judge(request.raw, privilege);
    if (!judgement.allowed) {
      done(new YunqueError(judgement.code, judgement.message, { hint: judgement.hint }));
    } else if (request.method === 'POST' && options.isDraining() && !request.routeOptions.config.whileDraining) {
      done(new YunqueError('going_away', undefined, { hint: 'send it to another node, or again in a moment' }));
    } else {
      done();
    }
  };
}

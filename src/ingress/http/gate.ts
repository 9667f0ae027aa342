import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Privilege } from '../../access/access.ts';
import type { Execute } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { Principal } from '../../api/principal.ts';
import type { Actor } from '../../telemetry/audit.ts';
import type { HttpIngressOptions } from './options.ts';
import { readSystemHeader } from './system-header.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A POST that is taken by a draining node too. */
    readonly whileDraining?: boolean;
    /** What an endpoint of the admin API takes, where its method does not say it. */
    readonly privilege?: Privilege;
  }
  interface FastifyRequest {
    /** Who asks, as the gate judged; `system`: the only one the credential is good for. Null where nothing was judged. */
    asker: { readonly principal: Principal; readonly system: string | undefined } | null;
  }
}

/** Judges access once, before a byte of the body is read; a node that is going away takes no more POSTs. */
export function createGate(
  options: HttpIngressOptions,
  privilegeOf: Privilege | ((request: FastifyRequest) => Privilege),
): onRequestAsyncHookHandler {
  return async (request) => {
    const privilege = typeof privilegeOf === 'function' ? privilegeOf(request) : privilegeOf;
    const judgement = await options.access.judgeRequest(request.raw, privilege, readSystemHeader(request).system);
    if (!judgement.allowed) throw new YunqueError(judgement.code, judgement.message, judgement);
    if (request.method === 'POST' && options.isDraining() && !request.routeOptions.config.whileDraining) {
      throw new YunqueError('going_away', undefined, { hint: 'send it to another node, or again in a moment' });
    }
    request.asker = judgement;
  };
}

/** The admin API: who reads inspects, who does something operates, unless an endpoint says otherwise. */
export function adminPrivilege({ method, routeOptions }: FastifyRequest): Privilege {
  return routeOptions.config.privilege ?? (method === 'GET' || method === 'HEAD' ? 'inspect' : 'operate');
}

/** The behaviour, on behalf of the one who sent this request. */
export function executeFor(options: HttpIngressOptions, request: FastifyRequest): Execute {
  return options.executeFor(actorOf(options, request));
}

/** Who sent a request that the gate let through. */
export function actorOf(options: HttpIngressOptions, request: FastifyRequest): Actor {
  const by = request.asker?.principal ?? { kind: 'anonymous' };
  const remoteAddress = options.clientAddress(request.raw);
  return { by, ...(remoteAddress !== '' && { remoteAddress }) };
}

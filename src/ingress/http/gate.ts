import type { IncomingMessage } from 'node:http';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Judgement, Privilege } from '../../access/access.ts';
import type { Execute } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { Principal } from '../../api/principal.ts';
import type { Actor } from '../../telemetry/audit.ts';
import { type Awaitable, after } from '../../util/awaitable.ts';
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
    asker: Asker | null;
  }
}

/** Who asks, as the gate judged; `system`: the only one the credential is good for. */
export interface Asker {
  readonly principal: Principal;
  readonly system: string | undefined;
}

/** A request on its way, whoever routes it. `asker` is null until the gate has judged. */
export interface Asked {
  readonly raw: IncomingMessage;
  asker: Asker | null;
}

/**
 * Judges access once, before a byte of the body is read; a node that is going away takes no more POSTs. Returns or resolves where the request may go on,
 * and throws or rejects where it may not.
 */
export function letIn(
  options: HttpIngressOptions,
  asked: Asked,
  privilege: Privilege,
  whileDraining = false,
): Awaitable<void> {
  const onJudged = (judgement: Judgement): void => {
    if (!judgement.allowed) throw new YunqueError(judgement.code, judgement.message, judgement);
    if (asked.raw.method === 'POST' && options.isDraining() && !whileDraining) {
      throw new YunqueError('going_away', undefined, { hint: 'send it to another node, or again in a moment' });
    }
    asked.asker = judgement;
  };
  return after(options.access.judgeRequest(asked.raw, privilege, readSystemHeader(asked).system), onJudged);
}

/** `letIn` as a hook. */
export function createGate(
  options: HttpIngressOptions,
  privilegeOf: Privilege | ((request: FastifyRequest) => Privilege),
): onRequestAsyncHookHandler {
  return async (request) => {
    const privilege = typeof privilegeOf === 'function' ? privilegeOf(request) : privilegeOf;
    await letIn(options, request, privilege, request.routeOptions.config.whileDraining);
  };
}

/** The admin API: who reads inspects, who does something operates, unless an endpoint says otherwise. */
export function adminPrivilege({ method, routeOptions }: FastifyRequest): Privilege {
  return routeOptions.config.privilege ?? (method === 'GET' || method === 'HEAD' ? 'inspect' : 'operate');
}

/** The behaviour, on behalf of the one who sent this request. */
export function executeFor(options: HttpIngressOptions, request: Asked): Execute {
  return options.executeFor(actorOf(options, request));
}

/** Who sent a request that the gate let through. */
export function actorOf(options: HttpIngressOptions, request: Asked): Actor {
  const by = request.asker?.principal ?? { kind: 'anonymous' };
  const remoteAddress = options.clientAddress(request.raw);
  return { by, ...(remoteAddress !== '' && { remoteAddress }) };
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import { isBelowAdmin, pathOf } from '../../util/request-path.ts';
import { sendErrorBody } from './error-body.ts';
import type { HttpIngressOptions } from './options.ts';
import { closeIfMuchComes, refuse } from './refusal.ts';
import type { RouteTable } from './route-table.ts';

/**
 * Answers what no route takes, outside /admin. To strangers too, so it comes before anything of the body is read.
 * `scope` must be one of its own: what is hooked to it meets those requests only.
 */
export function addNotFound(scope: FastifyInstance, options: HttpIngressOptions, routes: RouteTable): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) =>
    answerNotFound(options, routes, request, reply);
  scope.addHook('onRequest', answer);
  scope.setNotFoundHandler(answer);
}

function answerNotFound(
  options: HttpIngressOptions,
  routes: RouteTable,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = pathOf(request.url);
  const known = routes.find(path);
  if (known !== undefined) {
    refuse(options, new YunqueError('method_not_allowed'), request, reply);
    return known.answer(reply.header('allow', known.allow));
  }
  if (request.method === 'GET' && options.websocketPaths?.includes(path)) {
    const refusal = new YunqueError('bad_request', 'this path speaks WebSocket', {
      hint: 'connect to it with ws:// or wss://',
    });
    closeIfMuchComes(request, reply);
    return sendErrorBody(reply.header('upgrade', 'websocket'), refusal, 426);
  }
  return sendErrorBody(reply, refuse(options, new YunqueError('not_found'), request, reply));
}

/** A path that cannot be decoded, or with a part that is too long. Below /admin even that is told to operators only. */
export function answerUnroutable(
  options: HttpIngressOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (!isBelowAdmin(request.url)) return sendErrorBody(reply, refuse(options, error, request, reply));
  const judge = async () => options.access.judgeRequest(request.raw, 'inspect', undefined);
  judge().then((judgement) => {
    const { allowed } = judgement;
    const reason = allowed ? error : new YunqueError(judgement.code, judgement.message, judgement);
    sendErrorBody(reply, refuse(options, reason, request, reply));
  }, reply.send);
  return reply;
}

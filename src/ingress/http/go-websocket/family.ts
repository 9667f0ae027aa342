import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { type ErrorCode, YunqueError } from '../../../api/errors.ts';
import { createGate, executeFor } from '../gate.ts';
import { MalformedBody } from '../json-body.ts';
import { readFields } from '../json-fields.ts';
import type { HttpIngressOptions } from '../options.ts';
import { refuse, wordsOf } from '../refusal.ts';
import type { RouteTable } from '../route-table.ts';
import { namedSystem } from '../system-header.ts';
import { chinese } from '../wording.ts';
import { closeClient, isOnline } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { bindToGroup, getOnlineList, unbindFromGroup } from './group.ts';
import { register } from './register.ts';
import { sendToClient, sendToClients, sendToGroup, sendToSystem } from './send.ts';

const endpoints: readonly Endpoint[] = [
  register,
  sendToClient,
  sendToClients,
  sendToGroup,
  sendToSystem,
  bindToGroup,
  unbindFromGroup,
  getOnlineList,
  isOnline,
  closeClient,
];

/**
 * go-websocket's HTTP API. Answers `{"code","msg","data"}` with status 200, success or not, except where a client could
 * not read it that way: 400 and 405 with an empty body as go-websocket has them, 403 for access, 413, 429 and 5xx.
 */
export function addGoWebsocketFamily(scope: FastifyInstance, options: HttpIngressOptions, routes: RouteTable): void {
  routes.watch(scope, (reply) => reply.code(405).send());
  scope.setErrorHandler((error, request, reply) => {
    const refusal = refuse(options, error, request, reply);
    if (error instanceof MalformedBody) return reply.code(400).send();
    return reply
      .code(statusFor(refusal))
      .type(jsonType)
      .send(render(-1, messageFor(refusal), []));
  });
  for (const endpoint of endpoints) {
    scope.post(endpoint.path, { onRequest: createGate(options, endpoint.privilege) }, createHandler(options, endpoint));
  }
}

const jsonType = 'application/json; charset=utf-8';

function createHandler(options: HttpIngressOptions, endpoint: Endpoint): RouteHandlerMethod {
  const rules = { wording: chinese, limits: options.limits };
  return async (request, reply) => {
    const system = endpoint.takesSystem ? await systemOf(options, request) : '';
    const fields = readFields(request.body, rules);
    const data = await endpoint.answer({
      execute: executeFor(options, request),
      newMessageId: options.newMessageId,
      system,
      fields,
    });
    return reply.type(jsonType).send(render(0, 'success', data));
  };
}

/** This family has no default system: a request says which one it means, or its key does. */
async function systemOf(options: HttpIngressOptions, request: FastifyRequest): Promise<string> {
  const system = namedSystem(request);
  if (system === undefined) throw new YunqueError('system_required');
  if (!(await options.systemExists(system))) throw new YunqueError('unknown_system');
  return system;
}

function render(code: 0 | -1, msg: string, data: unknown): string {
  return JSON.stringify({ code, msg, data });
}

function statusFor({ code, row }: YunqueError): number {
  if (code === 'unauthorized' || code === 'forbidden') return 403;
  return row.status >= 500 || row.status === 413 || row.status === 429 ? row.status : 200;
}

/** Refusals go-websocket has words for. Its clients compare them. The first is ours. */
const fixedWords: Readonly<Partial<Record<ErrorCode, string>>> = {
  unknown_client: '客户端不存在',
  system_required: '系统ID不能为空',
  unknown_system: '系统ID无效',
  system_exists: '该系统ID已被注册',
};

function messageFor(refusal: YunqueError): string {
  return fixedWords[refusal.code] ?? wordsOf(refusal);
}

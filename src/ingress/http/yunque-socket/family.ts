import type { FastifyInstance } from 'fastify';
import { createErrorHandler, sendSuccess, sendWrongMethod } from '../coded-answer.ts';
import { createGate, executeFor } from '../gate.ts';
import { readFields } from '../json-fields.ts';
import type { HttpIngressOptions } from '../options.ts';
import type { RouteTable } from '../route-table.ts';
import { systemOf } from '../system-header.ts';
import { english } from '../wording.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { addLogin } from './login.ts';
import { getOnlineUser } from './online-user.ts';
import { joinRoom, leaveRoom } from './room.ts';
import { send, sendAll, sendList, sendToUids } from './send.ts';

const endpoints: readonly Endpoint[] = [send, sendAll, sendToUids, sendList, getOnlineUser, joinRoom, leaveRoom];

/** yunque-socket's HTTP API. */
export function addYunqueSocketFamily(scope: FastifyInstance, options: HttpIngressOptions, routes: RouteTable): void {
  routes.watch(scope, sendWrongMethod);
  scope.setErrorHandler(createErrorHandler(options));
  const rules = { wording: english, limits: options.limits };
  const { newMessageId, limits } = options;
  for (const { path, methods, privilege, answer } of endpoints) {
    scope.route({
      method: [...methods],
      url: path,
      onRequest: createGate(options, privilege),
      handler: async (request, reply) => {
        const system = await systemOf(options, request);
        const { body, query } = request;
        const call: Call = {
          execute: executeFor(options, request),
          newMessageId,
          limits,
          system,
          body,
          query,
          fields: () => readFields(body, rules),
        };
        return sendSuccess(reply, await answer(call));
      },
    });
  }
  if (options.demo) addLogin(scope, options);
}

import { parse as parseQuery } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { after } from '../../../util/awaitable.ts';
import { createErrorHandler, createRefuse, sendWrongMethod, successText } from '../coded-answer.ts';
import type { Endpoints } from '../endpoints.ts';
import { type Asked, executeFor } from '../gate.ts';
import { pushOnce } from '../idempotent.ts';
import { readFields } from '../json-fields.ts';
import { readMessageClass } from '../message-class-header.ts';
import type { HttpIngressOptions } from '../options.ts';
import type { RouteTable } from '../route-table.ts';
import { systemOf } from '../system-header.ts';
import { english } from '../wording.ts';
import type { Call, Endpoint, Query } from './endpoint.ts';
import { addLogin } from './login.ts';
import { getOnlineUser } from './online-user.ts';
import { joinRoom, leaveRoom } from './room.ts';
import { send, sendAll, sendList, sendToUids } from './send.ts';

const endpoints: readonly Endpoint[] = [send, sendAll, sendToUids, sendList, getOnlineUser, joinRoom, leaveRoom];

/** yunque-socket's HTTP API. */
export function addYunqueSocketFamily(
  scope: FastifyInstance,
  options: HttpIngressOptions,
  routes: RouteTable,
  added: Endpoints,
): void {
  routes.watch(scope, sendWrongMethod);
  scope.setErrorHandler(createErrorHandler(options));
  const rules = { wording: english, limits: options.limits };
  const { newMessageId, limits } = options;
  const refuse = createRefuse(options);
  for (const { path, methods, privilege, isPush, answer } of endpoints) {
    added.add(scope, {
      path,
      methods,
      privilege,
      refuse,
      answer: (asked, body, headed) =>
        after(systemOf(options, asked), (system) => {
          const call: Call = {
            execute: executeFor(options, asked),
            newMessageId,
            limits,
            system,
            body,
            query: () => queryOf(asked),
            fields: () => readFields(body, rules),
            messageClass: () => readMessageClass(asked, limits),
          };
          const work = () => answer(call).then(successText);
          return isPush === true ? pushOnce(options, { asked, system, body, headed }, work) : work();
        }),
    });
  }
  if (options.demo) addLogin(scope, options);
}

function queryOf({ raw: { url = '' } }: Asked): Query {
  const start = url.indexOf('?');
  return start < 0 ? {} : parseQuery(url.slice(start + 1));
}

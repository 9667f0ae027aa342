import type { FastifyInstance } from 'fastify';
import { type ErrorCode, YunqueError } from '../../../api/errors.ts';
import { type Awaitable, after } from '../../../util/awaitable.ts';
import type { Endpoints, JsonRefusal } from '../endpoints.ts';
import { type Asked, executeFor } from '../gate.ts';
import { pushOnce } from '../idempotent.ts';
import { MalformedBody } from '../json-body.ts';
import { readFields } from '../json-fields.ts';
import { readMessageClass } from '../message-class-header.ts';
import type { HttpIngressOptions } from '../options.ts';
import { type Headed, refuse, wordsOf } from '../refusal.ts';
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
export function addGoWebsocketFamily(
  scope: FastifyInstance,
  options: HttpIngressOptions,
  routes: RouteTable,
  added: Endpoints,
): void {
  routes.watch(scope, (reply) => reply.code(405).send());
  const refuseRequest = (error: unknown, asked: Asked, headed: Headed): JsonRefusal => {
    const refusal = refuse(options, error, asked, headed);
    if (error instanceof MalformedBody) return { status: 400, body: '' };
    return { status: statusFor(refusal), body: render(-1, messageFor(refusal), []) };
  };
  for (const endpoint of endpoints) {
    const { path, privilege } = endpoint;
    const answer = createAnswer(options, endpoint);
    added.add(scope, { path, methods: ['POST'], privilege, answer, refuse: refuseRequest });
  }
}

function createAnswer(options: HttpIngressOptions, endpoint: Endpoint) {
  const rules = { wording: chinese, limits: options.limits };
  return (asked: Asked, body: string | undefined, headed: Headed): Awaitable<string> =>
    after(endpoint.takesSystem ? systemOf(options, asked) : '', (system) => {
      const fields = readFields(body, rules);
      const execute = executeFor(options, asked);
      const work = () =>
        endpoint
          .answer({
            execute,
            newMessageId: options.newMessageId,
            system,
            fields,
            messageClass: () => readMessageClass(asked, options.limits),
          })
          .then((data) => render(0, 'success', data));
      return endpoint.isPush === true ? pushOnce(options, { asked, system, body, headed }, work) : work();
    });
}

/** This family has no default system: a request says which one it means, or its key does. */
function systemOf(options: HttpIngressOptions, asked: Asked): Awaitable<string> {
  const system = namedSystem(asked);
  if (system === undefined) throw new YunqueError('system_required');
  return after(options.systemExists(system), (exists) => {
    if (exists) return system;
    throw new YunqueError('unknown_system');
  });
}

function render(code: 0 | -1, msg: string, data: unknown): string {
  return JSON.stringify({ code, msg, data });
}

function statusFor({ code, row }: YunqueError): number {
  if (code === 'unauthorized' || code === 'forbidden') return 403;
  // Ours: nobody who knows only their API sends the header.
  if (code === 'idempotency_conflict') return row.status;
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

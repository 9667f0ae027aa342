import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import type { CimMessage } from '../../api/message.ts';
import { createErrorHandler, sendWrongMethod } from './coded-answer.ts';
import { createGate, executeFor } from './gate.ts';
import { pushOnce } from './idempotent.ts';
import { isLongerThan, readFields } from './json-fields.ts';
import { readMessageClass } from './message-class-header.ts';
import { missed } from './missing-nodes.ts';
import type { HttpIngressOptions } from './options.ts';
import type { RouteTable } from './route-table.ts';
import { systemOf } from './system-header.ts';
import { english } from './wording.ts';

/** CIM 4.2's one HTTP call. Parameters come in the query, as its documentation has it, or in the body, as a form or JSON. */
export function addCimFamily(scope: FastifyInstance, options: HttpIngressOptions, routes: RouteTable): void {
  routes.watch(scope, sendWrongMethod);
  scope.setErrorHandler(createErrorHandler(options));
  const nextId = createIds(options.now ?? Date.now);
  scope.post('/api/message/send', { onRequest: createGate(options, 'push') }, async (request, reply) => {
    const system = await systemOf(options, request);
    const push = async () => {
      const message = readMessage(createLookup(request, options), options, nextId());
      const target = { to: 'users', uids: [message.receiver] } as const;
      const messageClass = readMessageClass(request, options.limits);
      const receipt = await executeFor(
        options,
        request,
      )({ type: 'push', door: 'http', system, target, message, ...messageClass });
      return JSON.stringify({ code: 200, data: Number(message.id), ...missed(receipt) });
    };
    const body = typeof request.body === 'string' ? request.body : undefined;
    const answer = await pushOnce(options, { asked: request, system, body, headed: reply }, push);
    return reply.type('application/json; charset=utf-8').send(answer);
  });
}

type Lookup = (name: string) => string | undefined;

/** Both numbers are ours, as in CIM, where the sender gives none. */
function readMessage(lookup: Lookup, options: HttpIngressOptions, id: number): CimMessage {
  const required = (name: string): string => {
    const value = lookup(name);
    if (value === undefined || value === '')
      throw new YunqueError('bad_request', english.missing(name), { field: name });
    return value;
  };
  const receiver = required('receiver');
  const { idBytes } = options.limits;
  if (isLongerThan(receiver, idBytes)) {
    throw new YunqueError('bad_request', english.tooLong('receiver', idBytes), { field: 'receiver' });
  }
  return {
    kind: 'cim',
    messageId: options.newMessageId(),
    id: BigInt(id),
    action: required('action'),
    content: lookup('content') ?? '',
    sender: required('sender'),
    receiver,
    extra: lookup('extra') ?? '',
    title: lookup('title') ?? '',
    format: lookup('format') ?? '',
    timestamp: BigInt(id),
  };
}

/** A parameter in the query hides one of the same name in the body; of several the first counts. */
function createLookup(request: FastifyRequest, options: HttpIngressOptions): Lookup {
  const query = request.query as Readonly<Record<string, string | string[] | undefined>>;
  const inBody = lookupInBody(request.body, options);
  return (name) => [query[name]].flat()[0] ?? inBody(name);
}

function lookupInBody(body: unknown, options: HttpIngressOptions): Lookup {
  if (typeof body !== 'string') return () => undefined;
  if (body.trimStart().startsWith('{')) {
    const fields = readFields(body, { wording: english, limits: options.limits });
    return (name) => fields.string(name);
  }
  const form = parseForm(body);
  return (name) => [form[name]].flat()[0];
}

/** Milliseconds since the epoch, one more where that was given out already. */
function createIds(now: () => number): () => number {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 1);
    return last;
  };
}

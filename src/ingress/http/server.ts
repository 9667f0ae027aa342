import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import { addAdmin } from './admin/admin.ts';
import { boundBodies } from './body-budget.ts';
import { addCimFamily } from './cim.ts';
import { sendErrorBody } from './error-body.ts';
import { addGoWebsocketFamily } from './go-websocket/family.ts';
import { decodeUtf8 } from './json-body.ts';
import type { HttpIngressOptions } from './options.ts';
import { addProbes } from './probes.ts';
import { pathOf, refuse } from './refusal.ts';
import { createRouteTable, type RouteTable } from './route-table.ts';
import { addYunqueSocketFamily } from './yunque-socket/family.ts';

export interface HttpIngress {
  /** For Node's `request` and `checkContinue` events. Never throws; every request gets an answer. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends the event streams; requests under way are still answered. */
  close(): Promise<void>;
}

/**
 * The HTTP doors: go-websocket's API, yunque-socket's, CIM's one call, the admin API and the probes. Listens nowhere:
 * whoever owns the sockets passes requests to `handle`.
 */
export async function createHttpIngress(options: HttpIngressOptions): Promise<HttpIngress> {
  const server = fastify({
    bodyLimit: options.limits.bodyBytes,
    return503OnClosing: false,
    forceCloseConnections: false,
    routerOptions: { maxParamLength: 3 * options.limits.idBytes },
    frameworkErrors: (error, request, reply) => answerUnroutable(options, error, request, reply),
  });
  server.decorateRequest('asker', null);
  const routes = createRouteTable();
  readEveryBodyAsText(server);
  boundBodies(server, options.limits);
  askForBodies(server, options.limits.bodyBytes);
  server.setErrorHandler((error, request, reply) => sendErrorBody(reply, refuse(options, error, request, reply)));
  server.setNotFoundHandler((request, reply) => answerNotFound(options, routes, request, reply));
  for (const add of [addGoWebsocketFamily, addYunqueSocketFamily, addCimFamily, addProbes]) {
    server.register(async (scope) => add(scope, options, routes));
  }
  server.register((scope) => addAdmin(scope, options, routes), { prefix: '/admin' });
  await server.ready();
  return {
    handle(request, response) {
      // Clients of both seeds send JSON under whatever type their library has (`curl -d`: a form), or a broken one.
      delete request.headers['content-type'];
      server.routing(request, response);
    },
    close: () => server.close(),
  };
}

/** The raw text is what `data` is cut from; each family reads it in its own way. */
function readEveryBodyAsText(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    done(null, decodeUtf8(body));
  });
}

/** RFC 9110 section 10.1.1: whoever waits to be asked for the body is asked once it is sure to be read. */
function askForBodies(server: FastifyInstance, bodyBytes: number): void {
  server.addHook('preParsing', (request, reply, _payload, done) => {
    const isWaiting = request.headers.expect?.toLowerCase() === '100-continue';
    if (isWaiting && !(Number(request.headers['content-length']) > bodyBytes)) reply.raw.writeContinue();
    done();
  });
}

function answerNotFound(
  options: HttpIngressOptions,
  routes: RouteTable,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = pathOf(request);
  const known = routes.find(path);
  if (known !== undefined) {
    refuse(options, new YunqueError('method_not_allowed'), request, reply);
    return known.answer(reply.header('allow', known.allow));
  }
  if (request.method === 'GET' && options.websocketPaths?.includes(path)) {
    const refusal = new YunqueError('bad_request', 'this path speaks WebSocket', {
      hint: 'connect to it with ws:// or wss://',
    });
    return sendErrorBody(reply.header('upgrade', 'websocket'), refusal, 426);
  }
  return sendErrorBody(reply, refuse(options, new YunqueError('not_found'), request, reply));
}

/** A path that cannot be decoded, or with a part that is too long. Below /admin even that is told to operators only. */
function answerUnroutable(
  options: HttpIngressOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (!request.url.startsWith('/admin')) return sendErrorBody(reply, refuse(options, error, request, reply));
  const { access } = options;
  access.judgeRequest(request.raw, 'inspect', undefined).then((judgement) => {
    const { allowed } = judgement;
    const reason = allowed ? error : new YunqueError(judgement.code, judgement.message, { hint: judgement.hint });
    sendErrorBody(reply, refuse(options, reason, request, reply));
  }, reply.send);
  return reply;
}

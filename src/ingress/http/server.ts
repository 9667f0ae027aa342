import type { IncomingMessage, ServerResponse } from 'node:http';
import { fastify } from 'fastify';
import { addAdmin } from './admin/admin.ts';
import { readBodies } from './bodies.ts';
import { createBodyBudget } from './body-budget.ts';
import { addCimFamily } from './cim.ts';
import { createEndpoints } from './endpoints.ts';
import { sendErrorBody } from './error-body.ts';
import { addGoWebsocketFamily } from './go-websocket/family.ts';
import { decodeUtf8 } from './json-body.ts';
import { addNotFound, answerUnroutable } from './not-found.ts';
import type { HttpIngressOptions } from './options.ts';
import { addProbes } from './probes.ts';
import { refuse } from './refusal.ts';
import { createRouteTable } from './route-table.ts';
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
  server.decorateRequest('bodyLease', null);
  const routes = createRouteTable();
  server.setErrorHandler((error, request, reply) => sendErrorBody(reply, refuse(options, error, request, reply)));
  server.register(async (scope) => addNotFound(scope, options, routes));
  const { limits } = options;
  const budget = createBodyBudget(() => limits.bodiesBytes);
  const endpoints = createEndpoints(options, { limits, budget });
  for (const add of [addGoWebsocketFamily, addYunqueSocketFamily, addCimFamily, addProbes]) {
    server.register(async (scope) => {
      // The raw text is what `data` is cut from; each family reads it in its own way.
      readBodies(scope, { limits, budget }, (_request, body) => decodeUtf8(body));
      add(scope, options, routes, endpoints);
    });
  }
  server.register((scope) => addAdmin(scope, options, routes), { prefix: '/admin' });
  await server.ready();
  return {
    handle(request, response) {
      if (endpoints.handle(request, response)) return;
      // Clients of both seeds send JSON under whatever type their library has (`curl -d`: a form), or a broken one.
      delete request.headers['content-type'];
      server.routing(request, response);
    },
    close: () => server.close(),
  };
}

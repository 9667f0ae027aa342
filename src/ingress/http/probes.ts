import type { FastifyInstance } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import { sendErrorBody } from './error-body.ts';
import { createGate } from './gate.ts';
import type { HttpIngressOptions } from './options.ts';
import { refuse } from './refusal.ts';
import type { RouteTable } from './route-table.ts';

/** For balancers and monitoring: a word to everybody, the numbers to those who may see them. */
export function addProbes(scope: FastifyInstance, options: HttpIngressOptions, routes: RouteTable): void {
  routes.watch(scope, (reply) => sendErrorBody(reply, new YunqueError('method_not_allowed')));
  scope.setErrorHandler((error, request, reply) => sendErrorBody(reply, refuse(options, error, request, reply)));
  scope.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok'));
  scope.get('/readyz', (_request, reply) => {
    const { ready, degraded } = options.readiness();
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? (degraded ? 'degraded' : 'ok') : 'not ready');
  });
  scope.get('/metrics', { onRequest: createGate(options, 'metrics') }, async (_request, reply) => {
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await options.metrics());
  });
}

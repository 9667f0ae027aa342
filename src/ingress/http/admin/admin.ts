import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { YunqueError } from '../../../api/errors.ts';
import { pathOf } from '../../../util/request-path.ts';
import { readBodies } from '../bodies.ts';
import { sendErrorBody } from '../error-body.ts';
import { adminPrivilege, createGate, executeFor } from '../gate.ts';
import { decodeUtf8, readObject } from '../json-body.ts';
import type { HttpIngressOptions, HttpLimits } from '../options.ts';
import { refuse } from '../refusal.ts';
import type { RouteTable } from '../route-table.ts';
import { existing } from '../system-header.ts';
import { addBans } from './bans.ts';
import { addConnections } from './connections.ts';
import type { AddEndpoints, AdminContext } from './context.ts';
import { addEvents } from './events.ts';
import { addGroups, addMemberships } from './groups.ts';
import { addHeapSnapshot } from './heap-snapshot.ts';
import { addHistory } from './history.ts';
import { addKeys } from './keys.ts';
import { addNodes } from './nodes.ts';
import { addOverview } from './overview.ts';
import { addPreview } from './preview.ts';
import { addReload } from './reload.ts';
import { createRequestSchemas } from './request-schema.ts';
import { addSend } from './send.ts';
import { addSnapshot } from './snapshot.ts';
import { addStop } from './stop.ts';
import { addSystems } from './systems.ts';
import { addTail } from './tail.ts';
import { addUsers } from './users.ts';
import { compileValidator } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The admin API's body as it was sent. */
    bodyText: string;
  }
}

const endpoints: readonly AddEndpoints[] = [
  addOverview,
  addSnapshot,
  addNodes,
  addSend,
  addPreview,
  addConnections,
  addUsers,
  addGroups,
  addMemberships,
  addSystems,
  addKeys,
  addBans,
  addEvents,
  addHistory,
  addTail,
  addStop,
  addHeapSnapshot,
  addReload,
];

/** Everything below /admin. Access is judged before anything else, also for paths that do not exist. */
export async function addAdmin(scope: FastifyInstance, options: HttpIngressOptions, routes: RouteTable): Promise<void> {
  scope.addHook('onRequest', createGate(options, adminPrivilege));
  scope.setErrorHandler((error, request, reply) => sendErrorBody(reply, refuse(options, error, request, reply)));
  const answerNotFound = (request: FastifyRequest, reply: FastifyReply) => {
    const known = routes.find(pathOf(request.url));
    if (known !== undefined) reply.header('allow', known.allow);
    throw new YunqueError(known === undefined ? 'not_found' : 'method_not_allowed');
  };
  scope.addHook('onRequest', async (request, reply) => {
    if (request.is404) answerNotFound(request, reply);
  });
  scope.setNotFoundHandler(answerNotFound);
  readBodiesAsJson(scope, options.limits);
  scope.setValidatorCompiler(compileValidator);
  scope.setSerializerCompiler(() => JSON.stringify);
  routes.watch(scope, (reply) => sendErrorBody(reply, new YunqueError('method_not_allowed')));
  await scope.register(swagger, { openapi: openApiHead(options.version.version) });
  const context: AdminContext = {
    execute: (request) => executeFor(options, request),
    options,
    schemas: createRequestSchemas(options.limits),
    systemOf: async ({ system }) => await existing(options, system ?? 'default'),
  };
  await scope.register(
    async (v1) => {
      for (const add of endpoints) add(v1, context);
    },
    { prefix: '/v1' },
  );
}

/** They are not counted: this has to answer when everything else does not. */
function readBodiesAsJson(scope: FastifyInstance, limits: HttpLimits): void {
  scope.decorateRequest('bodyText', '');
  const parse = (request: FastifyRequest, body: Buffer): unknown => {
    request.bodyText = decodeUtf8(body);
    readObject(request.bodyText, limits.jsonDepth);
    return JSON.parse(request.bodyText);
  };
  readBodies(scope, { limits, budget: undefined }, parse);
}

function openApiHead(version: string) {
  return {
    openapi: '3.1.0',
    info: { title: 'yunque admin API', version },
    components: { securitySchemes: { operatorKey: { type: 'http', scheme: 'bearer' } as const } },
    security: [{ operatorKey: [] }],
  };
}

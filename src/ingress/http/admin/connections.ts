import { normalizeClientId } from '../../../wire/client-id.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { firstOf, type ListParameters, onlyRow, toListQuery } from './list-query.ts';

/** `:id` is a clientId in either base64 spelling, or a cid. */
export const addConnections: AddEndpoints = (scope, { execute, schemas, systemOf }) => {
  scope.get<{ Querystring: ListParameters }>(
    '/connections',
    { schema: { summary: 'Connections', querystring: schemas.list, response: { 200: answerSchemas.connections } } },
    async (request) => {
      const { query } = request;
      if (query.system !== undefined) await systemOf(query);
      return await execute(request)({ type: 'listConnections', query: toListQuery(query) });
    },
  );

  scope.get<{ Params: { id: string }; Querystring: { system?: string } }>(
    '/connections/:id',
    {
      schema: { summary: 'One connection', querystring: schemas.inSystem, response: { 200: answerSchemas.connection } },
    },
    async (request) => {
      const { params, query } = request;
      const clientId = normalizeClientId(params.id);
      const system = await systemOf(query);
      const only = clientId === undefined ? onlyRow('cid', params.id, system) : onlyRow('clientId', clientId, system);
      const page = await execute(request)({ type: 'listConnections', query: only });
      // It is on one node only: found, nothing of it is missing.
      const { missingNodes, ...row } = firstOf(page, 'unknown_client');
      return row;
    },
  );

  scope.delete<{ Params: { id: string }; Querystring: { system?: string; reason?: string } }>(
    '/connections/:id',
    { schema: { summary: 'Close one connection', querystring: schemas.kick, response: { 200: answerSchemas.kicked } } },
    async (request) => {
      const {
        params,
        query: { reason, ...query },
      } = request;
      const target = { to: 'connections', ids: [params.id] } as const;
      const more = reason === undefined ? {} : { reason };
      return await execute(request)({ type: 'kick', system: await systemOf(query), target, ...more });
    },
  );
};

import type { RotateKeyRequest } from '../../../api/admin.ts';
import type { KeyGrant } from '../../../api/keys.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { type ListParameters, toListQuery } from './list-query.ts';

export const addKeys: AddEndpoints = (scope, { execute, schemas, systemOf }) => {
  scope.get<{ Querystring: ListParameters }>(
    '/keys',
    { schema: { summary: 'API keys', querystring: schemas.list, response: { 200: answerSchemas.keys } } },
    async (request) => {
      const { query } = request;
      return await execute(request)({ type: 'listKeys', query: toListQuery(query) });
    },
  );

  scope.post<{ Body: RotateKeyRequest }>(
    '/keys',
    {
      schema: { summary: 'Make an API key', body: schemas.rotateKey, response: { 200: answerSchemas.rotation } },
      config: { privilege: 'administer' },
    },
    async (request, reply) => {
      const { body } = request;
      const { now, ttlMs } = body;
      const grant: KeyGrant =
        body.owner === 'operator'
          ? { owner: 'operator', role: body.role }
          : { owner: 'system', system: await systemOf(body), role: body.role };
      const more = { ...(now !== undefined && { now }), ...(ttlMs !== undefined && { ttlMs }) };
      reply.header('cache-control', 'no-store');
      return await execute(request)({ type: 'rotateKey', grant, ...more });
    },
  );

  scope.delete<{ Params: { id: string } }>(
    '/keys/:id',
    {
      schema: { summary: 'End an API key', response: { 200: answerSchemas.key } },
      config: { privilege: 'administer' },
    },
    async (request) => {
      const { params } = request;
      return await execute(request)({ type: 'removeKey', id: params.id });
    },
  );
};

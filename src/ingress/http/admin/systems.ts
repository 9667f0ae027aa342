import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { checkIds } from './id-lengths.ts';
import { firstOf, type ListParameters, onlyRow, toListQuery } from './list-query.ts';

interface OneSystem {
  Params: { system: string };
}

export const addSystems: AddEndpoints = (scope, { execute, options, schemas }) => {
  scope.get<{ Querystring: ListParameters }>(
    '/systems',
    { schema: { summary: 'Systems', querystring: schemas.list, response: { 200: answerSchemas.systems } } },
    async (request) => {
      const { query } = request;
      return await execute(request)({ type: 'listSystems', query: toListQuery(query) });
    },
  );

  scope.get<OneSystem>(
    '/systems/:system',
    { schema: { summary: 'One system', response: { 200: answerSchemas.system } } },
    async (request) => {
      const { params } = request;
      const query = onlyRow('system', params.system);
      // What systems there are every node knows.
      const { missingNodes, ...page } = await execute(request)({ type: 'listSystems', query });
      const row = firstOf(page, 'unknown_system');
      return missingNodes === undefined ? row : { ...row, missingNodes };
    },
  );

  scope.post<{ Body: { system: string } }>(
    '/systems',
    {
      schema: { summary: 'Add a system', body: schemas.system, response: { 200: answerSchemas.system } },
      config: { privilege: 'administer' },
    },
    async (request) => {
      const { body } = request;
      checkIds('system', body.system, options.limits);
      return await execute(request)({ type: 'addSystem', system: body.system });
    },
  );

  scope.delete<OneSystem>(
    '/systems/:system',
    {
      schema: { summary: 'Close a system’s connections and forget it', response: { 200: answerSchemas.closed } },
      config: { privilege: 'administer' },
    },
    async (request) => {
      const { params } = request;
      return await execute(request)({ type: 'removeSystem', system: params.system });
    },
  );
};

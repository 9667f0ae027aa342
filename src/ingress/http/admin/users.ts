import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { checkIds } from './id-lengths.ts';
import { firstOf, type ListParameters, onlyRow, toListQuery } from './list-query.ts';

export const addUsers: AddEndpoints = (scope, { execute, options, schemas, systemOf }) => {
  scope.get<{ Querystring: ListParameters }>(
    '/users',
    { schema: { summary: 'Users', querystring: schemas.list, response: { 200: answerSchemas.users } } },
    async (request) => {
      const { query } = request;
      if (query.system !== undefined) await systemOf(query);
      return await execute(request)({ type: 'listUsers', query: toListQuery(query) });
    },
  );

  scope.get<{ Params: { uid: string }; Querystring: { system?: string } }>(
    '/users/:uid',
    { schema: { summary: 'One user', querystring: schemas.inSystem, response: { 200: answerSchemas.user } } },
    async (request) => {
      const { params, query } = request;
      const only = onlyRow('uid', params.uid, await systemOf(query));
      return firstOf(await execute(request)({ type: 'listUsers', query: only }), 'unknown_user');
    },
  );

  scope.delete<{ Params: { uid: string }; Querystring: { system?: string; reason?: string } }>(
    '/users/:uid',
    {
      schema: {
        summary: 'Close all connections of a user',
        querystring: schemas.kick,
        response: { 200: answerSchemas.kicked },
      },
    },
    async (request) => {
      const {
        params,
        query: { reason, ...query },
      } = request;
      const target = { to: 'users', uids: [params.uid] } as const;
      const more = reason === undefined ? {} : { reason };
      return await execute(request)({ type: 'kick', system: await systemOf(query), target, ...more });
    },
  );

  scope.post<{ Body: { system?: string; uids: string[] } }>(
    '/users/online',
    {
      schema: { summary: 'Who is online', body: schemas.online, response: { 200: answerSchemas.online } },
      config: { privilege: 'inspect' },
    },
    async (request) => {
      const { body } = request;
      checkIds('uids', body.uids, options.limits);
      return await execute(request)({ type: 'online', system: await systemOf(body), uids: body.uids });
    },
  );
};

import type { BanRequest } from '../../../api/admin.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { type ListParameters, toListQuery } from './list-query.ts';

interface OneUser {
  Params: { uid: string };
}

export const addBans: AddEndpoints = (scope, { execute, schemas, systemOf }) => {
  scope.get<{ Querystring: ListParameters }>(
    '/bans',
    { schema: { summary: 'Banned users', querystring: schemas.list, response: { 200: answerSchemas.bans } } },
    async (request) => {
      const { query } = request;
      return await execute(request)({ type: 'listBans', query: toListQuery(query) });
    },
  );

  scope.post<OneUser & { Body: BanRequest }>(
    '/users/:uid/ban',
    {
      schema: {
        summary: 'Close all connections of a user and refuse new ones for a while',
        body: schemas.ban,
        response: { 200: answerSchemas.banned },
      },
    },
    async (request) => {
      const {
        params,
        body: { forMs, reason, ...body },
      } = request;
      const more = reason === undefined ? {} : { reason };
      return await execute(request)({ type: 'ban', system: await systemOf(body), uid: params.uid, forMs, ...more });
    },
  );

  scope.delete<OneUser & { Querystring: { system?: string } }>(
    '/users/:uid/ban',
    { schema: { summary: 'Lift a ban', querystring: schemas.inSystem, response: { 200: answerSchemas.lifted } } },
    async (request) => {
      const { params, query } = request;
      return await execute(request)({ type: 'unban', system: await systemOf(query), uid: params.uid });
    },
  );
};

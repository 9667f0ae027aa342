import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';

export const addHistory: AddEndpoints = (scope, { execute, schemas, systemOf }) => {
  scope.get<{ Querystring: { id: string; system?: string } }>(
    '/history',
    {
      schema: {
        summary: 'What is remembered of a client or user',
        querystring: schemas.history,
        response: { 200: answerSchemas.history },
      },
    },
    async (request) => {
      const { id } = request.query;
      return await execute(request)({ type: 'history', system: await systemOf(request.query), id });
    },
  );
};

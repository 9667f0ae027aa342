import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';

export const addOverview: AddEndpoints = (scope, { execute, options }) => {
  scope.get(
    '/version',
    { schema: { summary: 'What runs here', response: { 200: answerSchemas.version } } },
    async () => options.version,
  );
  scope.get(
    '/stats',
    { schema: { summary: 'What happened since the start', response: { 200: answerSchemas.stats } } },
    async (request) => await execute(request)({ type: 'stats' }),
  );
  scope.get('/openapi.json', { schema: { hide: true } }, async () => scope.swagger());
};

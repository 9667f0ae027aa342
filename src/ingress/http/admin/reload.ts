import { actorOf } from '../gate.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';

export const addReload: AddEndpoints = (scope, { options, schemas }) => {
  scope.post(
    '/reload',
    {
      schema: {
        summary: 'Read the configuration again',
        body: schemas.nothing,
        response: { 200: answerSchemas.reloaded },
      },
      config: { privilege: 'administer' },
    },
    async (request) => await options.reload(actorOf(options, request)),
  );
};

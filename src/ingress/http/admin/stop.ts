import type { StopRequest } from '../../../api/admin.ts';
import { actorOf } from '../gate.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';

/** Answered as soon as the node has begun to stop: waiting would hold up what is waited for. */
export const addStop: AddEndpoints = (scope, { options, schemas }) => {
  scope.post<{ Body: StopRequest }>(
    '/stop',
    {
      schema: { summary: 'Drain and leave', body: schemas.stop, response: { 200: answerSchemas.stopping } },
      config: { whileDraining: true, privilege: 'administer' },
    },
    async (request) => options.stop(request.body, actorOf(options, request)),
  );
};

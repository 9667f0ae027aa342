import { actorOf } from '../gate.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';

/** Answered when the file is written; the node stands still until then. */
export const addHeapSnapshot: AddEndpoints = (scope, { options, schemas }) => {
  const schema = {
    summary: 'Write a heap snapshot into the data directory',
    body: schemas.nothing,
    response: { 200: answerSchemas.heapSnapshot },
  };
  scope.post(
    '/heap-snapshot',
    { schema, config: { privilege: 'administer' } },
    async (request) => await options.heapSnapshot(actorOf(options, request)),
  );
};

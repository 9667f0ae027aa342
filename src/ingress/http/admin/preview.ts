import type { PreviewRequest } from '../../../api/preview.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { checkExclusion, checkTarget } from './id-lengths.ts';

export const addPreview: AddEndpoints = (scope, { execute, options, schemas, systemOf }) => {
  scope.post<{ Body: PreviewRequest }>(
    '/send/preview',
    {
      schema: {
        summary: 'Who a message would reach; nothing is sent',
        body: schemas.preview,
        response: { 200: answerSchemas.preview },
      },
      config: { privilege: 'inspect', whileDraining: true },
    },
    async (request) => {
      const { target, exclude, ...given } = request.body;
      checkTarget(target, options.limits);
      checkExclusion(exclude, options.limits);
      const system = await systemOf(given);
      return await execute(request)({ type: 'preview', system, target, ...(exclude !== undefined && { exclude }) });
    },
  );
};

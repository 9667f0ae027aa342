import type { Execute } from '../../../api/command.ts';
import type { ListQuery } from '../../../api/listing.ts';
import type { SnapshotAnswer, SnapshotList, SnapshotListKind } from '../../../api/snapshot.ts';
import { refusalOf } from '../refusal.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { type ListParameters, toListQuery } from './list-query.ts';

interface SnapshotParameters extends ListParameters {
  readonly list?: SnapshotListKind;
}

/** The stats and one page of a list, asked at the same time. */
export const addSnapshot: AddEndpoints = (scope, { execute, options, schemas, systemOf }) => {
  const description = 'A list that cannot be answered says why and does not keep the stats from coming.';
  scope.get<{ Querystring: SnapshotParameters }>(
    '/snapshot',
    {
      schema: {
        summary: 'Stats and one page of a list, in one answer',
        description,
        querystring: schemas.snapshot,
        response: { 200: answerSchemas.snapshot },
      },
    },
    async (request): Promise<SnapshotAnswer> => {
      const { list: kind, ...parameters } = request.query;
      const here = execute(request);
      const readPage = async () => {
        if (parameters.system !== undefined && kind !== 'systems') await systemOf(parameters);
        return await pageOf(here, kind as SnapshotListKind, toListQuery(parameters));
      };
      const failed = (error: unknown): SnapshotList => {
        const { code, message, hint } = refusalOf(options, error, request);
        return { kind: kind as SnapshotListKind, error: { code, message, ...(hint !== undefined && { hint }) } };
      };
      const [stats, list] = await Promise.all([
        here({ type: 'stats' }),
        kind === undefined ? undefined : readPage().catch(failed),
      ]);
      return { schema: 'yunque.snapshot/1', stats, ...(list !== undefined && { list }) };
    },
  );
};

async function pageOf(execute: Execute, kind: SnapshotListKind, query: ListQuery): Promise<SnapshotList> {
  switch (kind) {
    case 'connections':
      return { kind, page: await execute({ type: 'listConnections', query }) };
    case 'users':
      return { kind, page: await execute({ type: 'listUsers', query }) };
    case 'groups':
      return { kind, page: await execute({ type: 'listGroups', query }) };
    case 'systems':
      return { kind, page: await execute({ type: 'listSystems', query }) };
    default:
      return kind satisfies never;
  }
}

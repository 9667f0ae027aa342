import type { MembersRequest } from '../../../api/admin.ts';
import type { MemberSelector } from '../../../api/command.ts';
import { YunqueError } from '../../../api/errors.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { checkIds } from './id-lengths.ts';
import { firstOf, type ListParameters, onlyRow, toListQuery } from './list-query.ts';

interface OneGroup {
  Params: { group: string };
}

export const addGroups: AddEndpoints = (scope, { execute, schemas, systemOf }) => {
  scope.get<{ Querystring: ListParameters }>(
    '/groups',
    { schema: { summary: 'Groups', querystring: schemas.list, response: { 200: answerSchemas.groups } } },
    async (request) => {
      const { query } = request;
      if (query.system !== undefined) await systemOf(query);
      return await execute(request)({ type: 'listGroups', query: toListQuery(query) });
    },
  );

  scope.get<OneGroup & { Querystring: { system?: string } }>(
    '/groups/:group',
    { schema: { summary: 'One group', querystring: schemas.inSystem, response: { 200: answerSchemas.group } } },
    async (request) => {
      const { params, query } = request;
      const only = onlyRow('group', params.group, await systemOf(query));
      return firstOf(await execute(request)({ type: 'listGroups', query: only }), 'unknown_group');
    },
  );

  scope.get<OneGroup & { Querystring: ListParameters }>(
    '/groups/:group/members',
    { schema: { summary: 'Members of a group', querystring: schemas.list, response: { 200: answerSchemas.members } } },
    async (request) => {
      const { params, query } = request;
      const system = await systemOf(query);
      return await execute(request)({ type: 'listMembers', system, group: params.group, query: toListQuery(query) });
    },
  );

  scope.delete<OneGroup & { Querystring: { system?: string } }>(
    '/groups/:group',
    { schema: { summary: 'Empty a group', querystring: schemas.inSystem, response: { 200: answerSchemas.removed } } },
    async (request) => {
      const { params, query } = request;
      return await execute(request)({ type: 'removeGroup', system: await systemOf(query), group: params.group });
    },
  );
};

export const addMemberships: AddEndpoints = (scope, { execute, options, schemas, systemOf }) => {
  scope.post<OneGroup & { Body: MembersRequest }>(
    '/groups/:group/join',
    { schema: { summary: 'Add members', body: schemas.members, response: { 200: answerSchemas.membership } } },
    async (request) => {
      const { params, body } = request;
      checkIds('group', params.group, options.limits);
      const { userId, extend } = body;
      const labels = { ...(userId !== undefined && { userId }), ...(extend !== undefined && { extend }) };
      const at = { system: await systemOf(body), group: params.group };
      return await execute(request)({ type: 'join', ...at, members: readMembers(body), ...labels });
    },
  );

  scope.post<OneGroup & { Body: MembersRequest }>(
    '/groups/:group/leave',
    { schema: { summary: 'Remove members', body: schemas.members, response: { 200: answerSchemas.membership } } },
    async (request) => {
      const { params, body } = request;
      const at = { system: await systemOf(body), group: params.group };
      return await execute(request)({ type: 'leave', ...at, members: readMembers(body) });
    },
  );

  function readMembers({ ids, uids }: MembersRequest): MemberSelector {
    checkIds('ids', ids, options.limits);
    checkIds('uids', uids, options.limits);
    if (ids !== undefined && uids === undefined) return { by: 'connections', ids };
    if (uids !== undefined && ids === undefined) return { by: 'users', uids };
    throw new YunqueError('bad_request', 'ids or uids is required, and not both', {
      field: ids === undefined ? 'ids' : 'uids',
      hint: 'ids are clientIds or cids; uids mean users with all their connections',
    });
  }
};

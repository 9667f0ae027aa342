import type { DrainRequest } from '../../../api/admin.ts';
import { YunqueError } from '../../../api/errors.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';

interface OneNode {
  Params: { node: string };
}

export const addNodes: AddEndpoints = (scope, { execute, schemas }) => {
  scope.get(
    '/nodes',
    { schema: { summary: 'Nodes, with what each counts', response: { 200: answerSchemas.nodes } } },
    async (request) => {
      const { nodes, missingNodes } = await execute(request)({ type: 'stats' });
      const total = nodes.length + missingNodes.length;
      return { items: nodes, total, ...(missingNodes.length > 0 && { missingNodes }) };
    },
  );

  scope.get<OneNode>(
    '/nodes/:node',
    { schema: { summary: 'One node', response: { 200: answerSchemas.node } } },
    async (request) => {
      const { node } = request.params;
      const { nodes, missingNodes } = await execute(request)({ type: 'stats' });
      const found = nodes.find((each) => each.node === node);
      if (found !== undefined) return found;
      if (missingNodes.includes(node)) {
        throw new YunqueError('unavailable', `the node ${node} does not answer`, { missingNodes: [node] });
      }
      const known = [...nodes.map((each) => each.node), ...missingNodes].sort();
      throw new YunqueError('unknown_node', `no such node: ${node}`, { hint: `there are: ${known.join(', ')}` });
    },
  );

  scope.post<OneNode & { Body: DrainRequest }>(
    '/nodes/:node/drain',
    {
      schema: {
        summary: 'Send the clients of a node away; it stays and takes no others',
        body: schemas.drain,
        response: { 200: answerSchemas.drained },
      },
      config: { privilege: 'administer' },
    },
    async (request) => await execute(request)({ type: 'drainNode', node: request.params.node, ...request.body }),
  );

  scope.delete<OneNode>(
    '/nodes/:node/drain',
    {
      schema: { summary: 'Let a drained node take clients again', response: { 200: answerSchemas.resumed } },
      config: { privilege: 'administer' },
    },
    async (request) => await execute(request)({ type: 'resumeNode', node: request.params.node }),
  );

  scope.post<OneNode>(
    '/nodes/:node/ping',
    {
      schema: { summary: 'Ask a node over the RPC, and measure it', response: { 200: answerSchemas.ping } },
      config: { privilege: 'inspect', whileDraining: true },
    },
    async (request) => await execute(request)({ type: 'pingNode', node: request.params.node }),
  );
};

import { YunqueError } from '../../../api/errors.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';

interface OneNode {
  Params: { node: string };
}

export const addNodes: AddEndpoints = (scope, { execute }) => {
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
      if (missingNodes.includes(node)) throw new YunqueError('unavailable', `the node ${node} does not answer`);
      throw new YunqueError('unknown_node');
    },
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

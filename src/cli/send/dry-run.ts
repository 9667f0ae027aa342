import type { PreviewRequest, SendPreview } from '../../api/preview.ts';
import type { CliContext } from '../context.ts';
import type { Listing } from '../output/printer.ts';
import { exitOfReceipt, type OutcomeOptions, settle } from './outcome.ts';

interface NodePart {
  readonly node: string;
  readonly connections: number;
}

const nodeParts: Listing<NodePart> = {
  schema: 'yunque.send-preview/1',
  rowSchema: 'yunque.send-preview/1',
  columns: [
    { header: 'NODE', cell: ({ node }) => node },
    { header: 'CONNS', cell: ({ connections }) => String(connections), align: 'right' },
  ],
  fields: ['node', 'connections'],
};

/** All a preview can hold. */
const fields = [
  'matched',
  'nodes',
  'dialects',
  'offline',
  'unknown',
  'missingNodes',
] as const satisfies readonly (keyof SendPreview)[];

/** Prints who would get it, and on which nodes; sends nothing. The exit code is the one of a send that reaches all of them. */
export async function runDryRun(context: CliContext, request: PreviewRequest, flags: OutcomeOptions): Promise<void> {
  const [client, printer] = await Promise.all([context.client(), context.printer()]);
  const preview = await client.previewSend(request);
  const rows = Object.entries(preview.nodes).map(([node, connections]) => ({ node, connections }));
  if (printer.format === 'table' && rows.length > 0) {
    await printer.list(nodeParts, { items: rows.toSorted((a, b) => (a.node < b.node ? -1 : 1)) });
    printer.raw('\n');
  }
  await printer.record('yunque.send-preview/1', preview, { shown: previewLines(preview), fields });
  settle(context, exitOfReceipt({ ...preview, dropped: {} }, flags));
  context.note(context.text.line.nothingSent);
}

function previewLines(preview: SendPreview): (readonly [string, string])[] {
  const { matched, dialects, offline = [], unknown = [], missingNodes } = preview;
  return [
    ['matched', String(matched)],
    ...Object.entries(dialects).map(([dialect, count]) => ['dialect', `${count} ${dialect}`] as const),
    ['offline', offline.join(' ')],
    ['unknown', unknown.join(' ')],
    ['no answer', missingNodes.join(' ')],
  ];
}

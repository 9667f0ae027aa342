import { exitCodes } from '../../api/errors.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { HistoryAnswer } from '../../api/history.ts';
import type { CliContext } from '../context.ts';
import { noteMissing } from '../missing-nodes.ts';
import type { Listing } from '../output/printer.ts';
import { renderTable } from '../output/table.ts';
import { localTime } from '../output/time.ts';
import { connectionWords, eventWords } from './event-words.ts';

/** One line of the timeline; csv and plain have its fields whatever the event has. */
interface HistoryRow {
  readonly time: number;
  readonly node: string;
  readonly type: NodeEvent['type'];
  readonly cid: string;
  readonly uid: string;
  readonly code: string;
  readonly reason: string;
  readonly words: string;
}

const listing: Listing<HistoryRow> = {
  schema: 'yunque.history/1',
  rowSchema: 'yunque.event/1',
  columns: [
    { header: 'TIME', cell: ({ time }) => localTime(time) },
    { header: 'NODE', cell: ({ node }) => node },
    { header: 'CID', cell: ({ cid }) => cid },
    { header: 'EVENT', cell: ({ type }) => type },
    { header: 'WHAT', cell: ({ words }) => words },
  ],
  fields: ['time', 'node', 'type', 'cid', 'uid', 'code', 'reason'],
};

/**
 * Prints what the nodes remember of a clientId, cid or uid, oldest first, and what of it is connected now. Where nothing is known the exit is
 * 3, and with nodes that did not answer 7.
 */
export async function showHistory(context: CliContext, id: string): Promise<void> {
  const client = await context.client();
  const answer = await client.history(id, { system: context.globals.system });
  const printer = await context.printer();
  const { schema, ...record } = answer;
  if (printer.format === 'json') await printer.record(schema, record);
  else if (printer.format === 'ndjson') for (const item of answer.items) printer.line(listing.rowSchema, item, '');
  else if (printer.format !== 'table')
    await printer.list(listing, { items: answer.items.map((item) => rowOf(item, '')) });
  else printer.raw(timelineOf(context, answer));
  noteWhatIsMissing(context, answer);
}

/** Whole, however narrow the terminal: its end is the answer. */
function timelineOf({ text }: CliContext, { items, connections }: HistoryAnswer): string {
  const rows = items.map((item) => rowOf(item, eventWords(item, text)));
  const table = rows.length === 0 ? [] : renderTable(listing.columns, rows).lines;
  return [...table, ...connections.map((connection) => connectionWords(connection, text))]
    .map((line) => `${line}\n`)
    .join('');
}

function rowOf(event: NodeEvent, words: string): HistoryRow {
  const { time, node, type } = event;
  const text = (field: string) => {
    const value: unknown = Reflect.get(event, field);
    return value === undefined ? '' : String(value);
  };
  return { time, node, type, cid: text('cid'), uid: text('uid'), code: text('code'), reason: text('reason'), words };
}

function noteWhatIsMissing(context: CliContext, answer: HistoryAnswer): void {
  const { line } = context.text;
  const { id, items, connections, since } = answer;
  const isEmpty = items.length === 0 && connections.length === 0;
  if (isEmpty) context.note(line.historyNone(id));
  const nodes = Object.entries(since).sort(([a], [b]) => (a < b ? -1 : 1));
  context.note(line.historySince(nodes.map(([node, { ends }]) => `${node} ${localTime(ends)}`).join(', ')));
  if (!noteMissing(context, answer) && isEmpty) context.exitCode = exitCodes.nobody;
}

import { closeMeaning } from '../../api/close-code.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { GroupInfo, SystemInfo } from '../../api/listing.ts';
import type { TailCopy } from '../../api/tail.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatBytes, formatExact, formatRate, unknown } from '../../util/figures.ts';
import { looksOf, whoOf, whyOf } from '../columns/event-words.ts';
import { receiverOf } from '../columns/message-columns.ts';
import { figuresOf, type QueueRow } from '../columns/queue-columns.ts';
import { formatMoment } from '../draw/format.ts';
import { countsOf, type Detail } from './detail.ts';

export function groupDetails(row: GroupInfo): readonly Detail[] {
  return [
    ['group', sanitizeLine(row.group), 'title'],
    ['system', sanitizeLine(row.system)],
    ['members', `${formatExact(row.members)} ${row.members === 1 ? 'connection' : 'connections'}`],
    ['', ''],
    ['its members', 'yunque group members, or view 2 with the filter groups~NAME', 'muted'],
  ];
}

export function systemDetails(row: SystemInfo): readonly Detail[] {
  return [
    ['system', sanitizeLine(row.system), 'title'],
    ['created', formatMoment(row.createdAt)],
    ['connections', formatExact(row.connections)],
    ['users', formatExact(row.users)],
    ['groups', formatExact(row.groups)],
  ];
}

export function messageDetails(copy: TailCopy): readonly Detail[] {
  const { matched, delivered, dropped, isRedacted, isCut } = copy;
  const notes = [...(isRedacted ? ['values left out'] : []), ...(isCut ? ['cut'] : [])];
  return [
    [copy.direction === 'in' ? 'from' : 'for', sanitizeLine(receiverOf(copy)), 'title'],
    ['time', formatMoment(copy.time)],
    ['node', sanitizeLine(copy.node)],
    ['system', sanitizeLine(copy.system)],
    ...(copy.door ? [['came in by', copy.door] as const] : []),
    ...(copy.messageId === undefined ? [] : [['message id', sanitizeLine(copy.messageId)] as const]),
    ...(copy.cid === undefined ? [] : [['seen at', sanitizeLine(`#${copy.cid} ${copy.uid ?? ''}`).trimEnd()] as const]),
    ['kind', sanitizeLine(copy.kind)],
    ...(matched === undefined
      ? []
      : [['receivers', `${formatExact(matched)} matched, ${formatExact(delivered ?? 0)} delivered`] as const]),
    ...(dropped === undefined || countsOf(dropped) === 'none' ? [] : [['dropped', countsOf(dropped), 'bad'] as const]),
    ['body', `${formatBytes(copy.bytes)}${notes.length > 0 ? `, ${notes.join(', ')}` : ''}`],
    ...bodyLines(copy.body).map((line): Detail => ['', sanitizeLine(line)]),
  ];
}

/** JSON laid out, anything else as it is. */
function bodyLines(body: string): readonly string[] {
  try {
    return JSON.stringify(JSON.parse(body), null, 2).split('\n');
  } catch {
    return body.split('\n');
  }
}

const envelope = new Set(['type', 'time', 'node', 'sequence', 'end', 'code', 'reason']);

export function eventDetails(event: NodeEvent): readonly Detail[] {
  const rest = Object.entries(event).filter(([name]) => !envelope.has(name));
  return [
    [event.type.replace('_', ' '), sanitizeLine(whoOf(event)), looksOf(event).tone ?? 'title'],
    ['time', formatMoment(event.time)],
    ['node', `${sanitizeLine(event.node)}, event ${event.sequence}`],
    ['what', sanitizeLine(whyOf(event)) || unknown],
    ...(event.type === 'disconnected' ? closeDetails(event.code, event.reason) : []),
    ...rest.map(
      ([name, value]): Detail => [
        sanitizeLine(name),
        sanitizeLine(Array.isArray(value) ? value.join(', ') : String(value)),
      ],
    ),
  ];
}

function closeDetails(code: number, reason: string): readonly Detail[] {
  const { name, message, retryable } = closeMeaning(code, reason);
  return [
    ['closed with', `${code} ${name}: ${sanitizeLine(reason || message)}`],
    ['coming back', retryable ? 'may help' : 'does not help'],
  ];
}

export function queueDetails(row: QueueRow): readonly Detail[] {
  const { name, kind, state, failure } = figuresOf(row);
  const head: readonly Detail[] = [
    [row.way === 'in' ? 'door' : 'way out', sanitizeLine(name), 'title'],
    ['kind', kind],
    ['node', sanitizeLine(row.node)],
    ['state', state],
    ...(failure === undefined ? [] : [['failure', sanitizeLine(failure), 'bad'] as const]),
  ];
  if (row.way === 'out') {
    const { sink } = row;
    return [
      ...head,
      ['carries', sink.use === 'uplink' ? 'requests of clients' : 'connection events'],
      ['sent', formatExact(sink.sent)],
      ['waiting', formatExact(sink.waiting)],
      ['failed', formatExact(sink.failed), sink.failed > 0 ? 'bad' : undefined],
      [
        'dropped',
        `${formatExact(sink.dropped)}, which nobody could wait for any longer`,
        sink.dropped > 0 ? 'bad' : undefined,
      ],
    ];
  }
  const { door } = row;
  return [
    ...head,
    ['lag', door.lag === undefined ? 'unknown, or nothing waits there' : `${formatExact(door.lag)} records`],
    [
      'messages',
      `${formatExact(door.messages)} in ${formatExact(door.records)} records and ${formatExact(door.batches)} batches`,
    ],
    ['per second', formatRate(door.perSecond)],
    ['handed on before', formatExact(door.duplicates)],
    ['parked', `${formatExact(door.parked)} in the dead letters`, door.parked > 0 ? 'bad' : undefined],
    ['retries', `${formatExact(door.retries)} batches came again`, door.retries > 0 ? 'warn' : undefined],
    ['counted there', countsOf(door.figures)],
  ];
}

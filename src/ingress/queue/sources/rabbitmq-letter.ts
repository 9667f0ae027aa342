import type { MessageProperties, Options } from 'amqplib';

/** Bytes of a short text of AMQP, such as a message-id or the name of a header. */
const longestShort = 255;
/** Of what came beside a record: all properties of a message travel in one frame, and RabbitMQ takes 128 KiB. */
const mostHeaderBytes = 32 * 1024;
const deepest = 16;

/** What came beside a record, as it can be published again: the library throws at some of what it reads, and would do so each time. */
export function propertiesAgain({ headers = {}, ...properties }: MessageProperties): Options.Publish {
  const own: Record<string, unknown> = {};
  let leftOut = 0;
  let left = mostHeaderBytes;
  for (const [name, value] of Object.entries(headers)) {
    // What a server has added about ways through its exchanges is no part of the message.
    if (name.startsWith('x-')) continue;
    const bytes = entryBytes(name, value, 1);
    if (bytes > left) leftOut += 1;
    else {
      left -= bytes;
      own[name] = value;
    }
  }
  const again: Options.Publish = { headers: leftOut === 0 ? own : { ...own, headersLeftOut: leftOut } };
  for (const name of ['messageId', 'contentType', 'contentEncoding', 'type'] as const) {
    const text: unknown = properties[name];
    // Bytes that are no UTF-8 are read as longer ones.
    if (typeof text === 'string' && Buffer.byteLength(text) <= longestShort) again[name] = text;
  }
  return again;
}

function entryBytes(name: string, value: unknown, depth: number): number {
  const bytes = Buffer.byteLength(name);
  return bytes > longestShort ? Number.POSITIVE_INFINITY : 1 + bytes + valueBytes(value, depth);
}

/** At most; infinity: it cannot be written. */
function valueBytes(value: unknown, depth: number): number {
  const never = Number.POSITIVE_INFINITY;
  if (value === null || typeof value === 'boolean') return 2;
  if (typeof value === 'number') return Number.isFinite(value) ? 9 : never;
  if (typeof value === 'string') return 5 + Buffer.byteLength(value);
  if (Buffer.isBuffer(value)) return 5 + value.length;
  if (typeof value !== 'object' || depth > deepest) return never;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + valueBytes(each, depth + 1), 5);
  // As the library says a time; from a table of somebody else it could be anything.
  if ('!' in value) return value['!'] === 'timestamp' && isTime(value) ? 9 : never;
  return Object.entries(value).reduce((sum, [name, each]) => sum + entryBytes(name, each, depth + 1), 5);
}

function isTime(value: object): boolean {
  return 'value' in value && Number.isSafeInteger(value.value) && Number(value.value) >= 0;
}

import { text } from './scalar-kinds.ts';

/** Kinds of names that Redis, Kafka and RabbitMQ know. Those that doors read have room for `.dead` behind them. */

/** What every server takes. */
export const topicName = text({
  type: 'text',
  expected: 'a name of letters, digits, ".", "_" and "-", at most 244',
  check: (value) => (/^(?!\.\.?$)[\w.-]{1,244}$/.test(value) ? value : undefined),
});

export const channelName = nameWithin(512, 'a channel: some text of at most 512 bytes without control characters');
export const streamName = nameWithin(512, 'a stream: some text of at most 512 bytes without control characters');
export const groupName = nameWithin(249, 'a group: some text of at most 249 bytes without control characters');
export const exchangeName = nameWithin(255, 'an exchange: some text of at most 255 bytes without control characters');
export const routingKey = nameWithin(255, 'a routing key: some text of at most 255 bytes without control characters');

/** RabbitMQ keeps `amq.` for itself. */
export const queueName = text({
  type: 'text',
  expected: 'a queue: some text of at most 250 bytes without control characters that does not begin with "amq."',
  check: (value) => (value.startsWith('amq.') || !fits(value, 250) ? undefined : value),
});

/** What logs, statistics and metrics call a door or a destination. */
export const shownName = nameWithin(64, 'a name of at most 64 bytes without control characters');

function nameWithin(bytes: number, expected: string) {
  return text({ type: 'text', expected, check: (value) => (fits(value, bytes) ? value : undefined) });
}

function fits(value: string, bytes: number): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return value !== '' && Buffer.byteLength(value) <= bytes && !/[\x00-\x1f\x7f]/.test(value);
}

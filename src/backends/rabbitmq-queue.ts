import type { Channel, ChannelModel, Replies } from 'amqplib';

/** On a channel of its own, as what the server refuses ends the channel it was asked on. */
async function onOwnChannel<T>(connection: ChannelModel, ask: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.createChannel();
  // Without a listener an error would end the process.
  channel.on('error', () => {});
  try {
    return await ask(channel);
  } finally {
    await channel.close().catch(() => {});
  }
}

/** What is in a queue, and who reads it. One that is missing is declared plainly, as `durable`; one that is there is used as it is. */
export async function findQueue(connection: ChannelModel, queue: string): Promise<Replies.AssertQueue> {
  const look = () => onOwnChannel(connection, (channel) => channel.checkQueue(queue));
  try {
    return await look();
  } catch (error) {
    if (codeOf(error) !== replies.notFound) throw error;
  }
  try {
    return await onOwnChannel(connection, (channel) => channel.assertQueue(queue, { durable: true }));
  } catch (error) {
    // Somebody else was faster, and declared it otherwise.
    if (codeOf(error) !== replies.preconditionFailed) throw error;
    return await look();
  }
}

/** Rejects where there is none of this name. */
export async function findExchange(connection: ChannelModel, exchange: string): Promise<void> {
  try {
    await onOwnChannel(connection, (channel) => channel.checkExchange(exchange));
  } catch (error) {
    if (codeOf(error) !== replies.notFound) throw error;
    throw new Error(`there is no exchange ${exchange}: declare it, or name another`);
  }
}

/** AMQP 0-9-1, section 1.2. */
export const replies = { accessRefused: 403, notFound: 404, preconditionFailed: 406 } as const;

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

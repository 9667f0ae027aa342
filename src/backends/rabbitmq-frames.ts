import type { ChannelModel } from 'amqplib';

/** Stands in the headers of a message whose own could not be read. */
export const unreadableHeaders = Symbol('headers that cannot be read');

/** What of amqplib's connection is relied on. */
interface Frames {
  /** What has come and was not looked at yet: begins with a frame. */
  rest: Buffer;
  recvFrame(): unknown;
}

/** AMQP 0-9-1, section 4.2.3: type, channel and length of a frame, then what is in it. */
const frameHead = { bytes: 7, channelAt: 1, lengthAt: 3 } as const;
const contentHeader = 2;
const bodySizeAt = 4;

/**
 * The library reads tables within tables by calling itself, and headers that are nested thousands of times, which RabbitMQ takes and passes on, would end
 * the connection each time they are delivered: nobody would get past that message. Of such a message the properties are left out and its headers marked, `unreadableHeaders`.
 */
export function outliveDeepHeaders(connection: ChannelModel): void {
  const frames = connection.connection as unknown as Frames;
  const receive = frames.recvFrame.bind(frames);
  frames.recvFrame = () => {
    const bytes = frames.rest;
    try {
      return receive();
    } catch (error) {
      const frame = error instanceof RangeError ? withoutProperties(bytes) : undefined;
      if (frame === undefined) throw error;
      return frame;
    }
  };
}

/** Undefined: no header of a message begins here. */
function withoutProperties(bytes: Buffer): unknown {
  if (bytes.length < frameHead.bytes || bytes[0] !== contentHeader) return undefined;
  const end = frameHead.bytes + bytes.readUInt32BE(frameHead.lengthAt);
  if (bytes.length < end) return undefined;
  const payload = bytes.subarray(frameHead.bytes, end);
  return {
    id: payload.readUInt16BE(0),
    channel: bytes.readUInt16BE(frameHead.channelAt),
    size: Number(payload.readBigUInt64BE(bodySizeAt)),
    fields: { headers: { [unreadableHeaders]: true } },
  };
}

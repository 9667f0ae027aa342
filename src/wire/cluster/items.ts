import protobuf from 'protobufjs/minimal.js';
import { DecodeError } from '../codec.ts';

interface Encoder<F> {
  encode(fields: F): { finish(): Uint8Array };
}
interface Decoder<M> {
  decode(reader: protobuf.Reader): M;
}

/** In Node the writer works on Buffers; its types cannot say so. */
export function encodeWith<F>(type: Encoder<F>, fields: F): Buffer {
  return type.encode(fields).finish() as Buffer;
}

/** Throws `DecodeError` and nothing else, for any bytes whatever. */
export function decodeWith<M, T>(type: Decoder<M>, bytes: Buffer, read: (fields: M) => T): T {
  try {
    return read(type.decode(protobuf.Reader.create(bytes)));
  } catch (error) {
    throw error instanceof DecodeError ? error : new DecodeError('not one of ours', { cause: error });
  }
}

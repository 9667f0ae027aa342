import protobuf from 'protobufjs/minimal.js';
import type { Dialect } from '../api/dialect.ts';
import { frameTypes } from '../wire/frame-types.ts';
import { toLong } from '../wire/int64.ts';
import { yunque } from '../wire/proto/messages.js';
import { maskedFrame } from './client-frames.ts';
import type { WireProfile } from './thread-protocol.ts';

/** A client of a dialect, as far as a load needs one. */
export interface LoadDialect {
  /** Where it lives on a node of default configuration. */
  readonly path: string;
  readonly wire: WireProfile;
  /** The frame that binds a user; undefined where connections are nobody's, and known by the id the server gives them. */
  readonly bind: ((uid: string) => Buffer) | undefined;
}

export const loadDialects: Readonly<Record<Dialect, LoadDialect>> = {
  json: { path: '/ws', wire: { ready: '"clientId":"', readsId: true }, bind: undefined },
  yunque: binaryDialect('/yunque'),
  cim: binaryDialect('/cim'),
  'cim-json': {
    path: '/cim-json',
    wire: {
      ready: '\\"code\\":\\"200\\"',
      ping: {
        prefix: '{"type":1',
        pong: maskedFrame(JSON.stringify({ type: frameTypes.pong, content: 'PONG' }), 1),
      },
    },
    bind(uid) {
      const body = { key: 'client_bind', timestamp: Date.now(), data: bindData(uid) };
      return maskedFrame(JSON.stringify({ type: frameTypes.sent, content: JSON.stringify(body) }), 1);
    },
  },
};

function binaryDialect(path: string): LoadDialect {
  return {
    path,
    wire: {
      // Field 2 of a ReplyBodyProto, the code.
      ready: '\x12\x03200',
      ping: { prefix: String.fromCharCode(frameTypes.ping), pong: maskedFrame('\0PONG', 2) },
    },
    bind(uid) {
      const body = { key: 'client_bind', timestamp: toLong(BigInt(Date.now())), data: bindData(uid) };
      const writer = protobuf.Writer.create().uint32(frameTypes.sent);
      return maskedFrame(yunque.SendBodyProto.encode(body, writer).finish(), 2);
    },
  };
}

function bindData(uid: string): Record<string, string> {
  return {
    uid,
    channel: 'web',
    deviceId: 'yunque-bench',
    deviceName: 'yunque-bench',
    appVersion: '1',
    osVersion: '1',
    packageName: 'yunque',
    language: 'en',
  };
}

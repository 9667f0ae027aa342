import { codecs } from '../../src/wire/codecs/index.ts';
import { vectorFrame } from '../support/vectors.ts';
import { testCodec } from './codec.ts';

const binaryRequests = [
  'yunque.SendBodyProto.bind',
  'yunque.SendBodyProto.odd-keys',
  'yunque.SendBodyProto.int64-min',
  'cim.SentBody.bind',
  'future.SendBodyProto.unknown-fields',
].map((name) => vectorFrame(3, name));

testCodec(codecs.yunque, binaryRequests);
testCodec(codecs.cim, binaryRequests);

testCodec(
  codecs.json,
  [
    '{"key":"chat","data":{"to":"1","n":1.0,"o":{"a":[1]}}}',
    '{"data":{"__proto__":{"polluted":1}},"key":"__proto__"}',
  ].map((text) => Buffer.from(text)),
);

testCodec(
  codecs['cim-json'],
  [
    '{"key":"client_bind","timestamp":1720000000000,"data":{"uid":"1001","channel":"web"}}',
    '{"key":"k","timestamp":"-9223372036854775808","data":{"__proto__":{"polluted":1},"n":1.0}}',
  ].map((content) => Buffer.from(JSON.stringify({ type: 3, content }))),
);

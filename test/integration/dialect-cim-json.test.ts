import { testBoundDialect } from '../support/bound-dialect-suite.ts';

const text = (payload: string) => ({ payload: Buffer.from(payload), binary: false });

testBoundDialect({
  dialect: 'cim-json',
  subprotocol: 'cim.json',
  ping: Buffer.from('{"type":1}'),
  reply({ key, code, message, timestamp, data }) {
    const pairs = data.map(([name, value]) => `"${name}":"${value}"`).join(',');
    const body = `{"key":"${key}","code":"${code}","message":"${message}","timestamp":${timestamp},"data":{${pairs}}}`;
    return Buffer.from(`{"type":4,"content":"${body.replaceAll('"', '\\"')}"}`);
  },
  wrong: {
    'an empty frame': text(''),
    'text that is no JSON': text('PONG'),
    'an array': text('[3]'),
    'an unknown type': text('{"type":9}'),
    'a type as a string': text('{"type":"3","content":"{}"}'),
    'the server’s own PING': text('{"type":1}'),
    'a MESSAGE': text('{"type":2,"content":"{}"}'),
    'a REPLY': text('{"type":4,"content":"{}"}'),
    'a request without content': text('{"type":3}'),
    'a request whose content is an object': text('{"type":3,"content":{"key":"a"}}'),
    'a request whose content is no JSON': text('{"type":3,"content":"{"}'),
    'a request whose key is a number': text('{"type":3,"content":"{\\"key\\":7}"}'),
    'a binary frame': { payload: Buffer.from('\0PONG'), binary: true },
  },
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseServerAddress } from '../../../src/client/server-address.ts';

const read = (text: string) => {
  const address = parseServerAddress(text);
  return address.kind === 'socket' ? address.path : [address.url.href, address.port, address.isLoopback];
};

describe('a server address', () => {
  for (const [text, expected] of [
    ['7001', ['http://127.0.0.1:7001/', 7001, true]],
    ['80', ['http://127.0.0.1/', 80, true]],
    ['localhost:7001', ['http://localhost:7001/', 7001, true]],
    ['push.example', ['http://push.example:666/', 666, false]],
    ['push.example:80', ['http://push.example/', 80, false]],
    ['[::1]:7001', ['http://[::1]:7001/', 7001, true]],
    ['127.9.9.9:1', ['http://127.9.9.9:1/', 1, true]],
    ['https://push.example/base/?a=1#x', ['https://push.example/base/', 443, false]],
    ['http://push.example', ['http://push.example/', 80, false]],
    ['ws://127.0.0.1:7001/ws', ['http://127.0.0.1:7001/ws', 7001, true]],
    ['WSS://push.example/', ['https://push.example/', 443, false]],
    ['http://0x7f.1:5', ['http://127.0.0.1:5/', 5, true]],
    ['unix:///run/a.sock', '/run/a.sock'],
  ] as const) {
    it(`${text} is ${expected[0]}`, () => assert.deepEqual(read(text), expected));
  }

  for (const text of ['', '0', '70000', 'ftp://x', 'http://', 'a b', 'host:port']) {
    it(`"${text}" is refused with an example`, () => {
      assert.throws(() => parseServerAddress(text), { name: 'ClientError', kind: 'usage', hint: /http:\/\/host:port/ });
    });
  }

  it('with a password in it is refused, without repeating it', () => {
    for (const text of ['http://me:secret@host', 'http://secret@host', 'http://:secret@host']) {
      assert.throws(
        () => parseServerAddress(text),
        (error: Error) => {
          assert.match(error.message, /must not carry/);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    }
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHttpAnswer } from '../../../src/load/http-answer.ts';

const sized = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\nConnection: close\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n';
const empty = 'HTTP/1.1 204 No Content\r\n\r\n';

describe('readHttpAnswer', () => {
  test('reads answers with a length, in chunks and without a body, and says where the next one begins', () => {
    for (const [text, status, body, isLast] of [
      [sized, 200, 'hello', false],
      [chunked, 503, 'hello', true],
      [empty, 204, '', false],
    ] as const) {
      assert.deepEqual(readHttpAnswer(`${text}HTTP/1.1 200`), { answer: { status, body }, end: text.length, isLast });
    }
  });

  test('waits for the rest wherever an answer is cut', () => {
    for (const text of [sized, chunked, empty]) {
      for (let cut = 9; cut < text.length; cut++) assert.equal(readHttpAnswer(text.slice(0, cut)), undefined, `${cut}`);
    }
  });

  test('does not wait for what is no answer, or one whose end cannot be told', () => {
    assert.equal(readHttpAnswer('SSH-2.0-OpenSSH_9.6\r\n'), 'malformed');
    assert.equal(readHttpAnswer('HTTP/1.1 200 OK\r\n\r\n'), 'malformed');
    assert.equal(readHttpAnswer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'), 'malformed');
  });
});

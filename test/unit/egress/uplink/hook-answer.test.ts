import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHookAnswer } from '../../../../src/egress/uplink/hook-answer.ts';

describe('the answer of a hook', () => {
  test('has code, message or msg, and data that stays as it was written', () => {
    assert.deepEqual(readHookAnswer(200, ' {"code":0,"msg":"好","data":{"n": 1.0,"big":9007199254740993}} '), {
      code: '0',
      message: '好',
      data: '{"n": 1.0,"big":9007199254740993}',
    });
    assert.deepEqual(readHookAnswer(200, '{"code":"NOT_PAID","message":"pay first","msg":"no"}'), {
      code: 'NOT_PAID',
      message: 'pay first',
    });
  });

  test('that leaves things out is a success, with nothing to say, and null is nothing', () => {
    const success = { code: '200', message: 'success' };
    for (const text of ['', ' \n', '{}', '{"code":null,"message":null}']) {
      assert.deepEqual(readHookAnswer(200, text), success, text);
    }
    assert.deepEqual(readHookAnswer(204, ''), success);
    assert.deepEqual(readHookAnswer(200, '{"data":null}'), { ...success, data: 'null' });
    assert.deepEqual(readHookAnswer(200, '{"data":[1, 2]}'), { ...success, data: '[1, 2]' });
  });

  test('that is no success has its status as code, unless it says another', () => {
    assert.deepEqual(readHookAnswer(403, ''), { code: '403', message: 'Forbidden' });
    assert.deepEqual(readHookAnswer(500, '{"message":"oops"}'), { code: '500', message: 'oops' });
    assert.deepEqual(readHookAnswer(400, '{"code":4711,"data":{}}'), {
      code: '4711',
      message: 'Bad Request',
      data: '{}',
    });
  });

  test('that is a redirect, or no JSON object, or has a code or message that is neither, is none', () => {
    const texts = ['<html>', '[]', '"a"', 'null', '{"code":200', '{"code":1.5}', '{"code":{}}', '{"code":""}'];
    const more = ['{"code":true}', `{"code":"${'x'.repeat(33)}"}`, '{"message":1}', '{"msg":{}}'];
    for (const text of [...texts, ...more]) assert.equal(readHookAnswer(200, text), undefined, text);
    assert.equal(readHookAnswer(404, 'Not Found'), undefined);
    assert.equal(readHookAnswer(307, ''), undefined);
    assert.equal(readHookAnswer(301, '{"code":200}'), undefined);
  });

  test('that is nested too deeply is none', () => {
    const nested = (levels: number) => `{"data":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    assert.notEqual(readHookAnswer(200, nested(31)), undefined);
    assert.equal(readHookAnswer(200, nested(32)), undefined);
  });
});

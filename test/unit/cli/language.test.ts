import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorCode, errorTable } from '../../../src/api/errors.ts';
import { wordsOfFailure } from '../../../src/cli/failure-words.ts';
import { en } from '../../../src/cli/text/en.ts';
import { zh } from '../../../src/cli/text/zh.ts';
import { ClientError } from '../../../src/client/client-error.ts';
import { type SituationName, situations } from '../../../src/client/situations.ts';
import { type Asked, hangs, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const han = /\p{Script=Han}/u;

describe('a refusal', () => {
  const refused = (code: ErrorCode, message: string) =>
    new ClientError('refused', message, { body: { code, message } });

  for (const [code, { message }] of Object.entries(errorTable) as [ErrorCode, { message: string }][]) {
    it(`${code} has words in English and in Chinese`, () => {
      assert.doesNotMatch(message, han);
      assert.equal(wordsOfFailure(refused(code, message), en), message);
      const words = wordsOfFailure(refused(code, message), zh);
      assert.match(words, han);
      assert.ok(!words.includes(message));
    });
  }

  it('with words more exact than the table’s keeps them', () => {
    const error = refused('bad_request', 'uid is missing');
    assert.equal(wordsOfFailure(error, en), 'uid is missing');
    assert.equal(wordsOfFailure(error, zh), '请求格式有误（uid is missing）');
  });

  it('is said by its code, in the language of --lang', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /connections/zz': (_: Asked, response: never) =>
        refuse(response, 404, { code: 'unknown_client', message: errorTable.unknown_client.message }),
    });
    const show = (lang: string) => cli(['client', 'show', 'zz', '--lang', lang, '-s', admin.url]);
    assert.deepEqual(await show('en'), { exit: 3, out: '', err: 'error: no such client\n' });
    assert.deepEqual(await show('zh'), { exit: 3, out: '', err: '错误：客户端不存在\n' });
  });
});

describe('what happens before a node answers', () => {
  for (const is of Object.keys(situations) as SituationName[]) {
    it(`"${is}" is said in both languages, with the same values`, () => {
      const values = ['<1>', '<2>'].slice(0, situations[is].length);
      for (const text of [en, zh]) {
        const words = wordsOfFailure(new ClientError('unreachable', { is, values }), text);
        assert.equal(han.test(words), text === zh);
        for (const value of values) assert.ok(words.includes(value), words);
      }
    });
  }

  it('reaches the operator in Chinese: nobody there, no node, no answer in time', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': hangs });
    const say = async (...args: string[]) => (await cli(['stats', '--lang', 'zh', ...args])).err;
    assert.match(await say('-s', 'unix:/nonexistent.sock'), /^错误：\/nonexistent\.sock：无法连接（没有这个套接字）/);
    assert.match(await say(), /^错误：本机没有正在运行的节点/);
    assert.match(await say('-s', admin.url, '--timeout', '500ms'), /^错误：.*在 500 毫秒内没有应答/);
  });
});

describe('what commander says', () => {
  it('is in Chinese: choices, defaults, ranges', async () => {
    const { out } = await cli(['token', 'mint', '--help', '--lang', 'zh']);
    assert.match(out, /（默认："?1h"?）/);
    assert.match(out, /（可选："HS256", "RS256", "ES256"）/);
    assert.doesNotMatch(out, /default:|choices:/);
    const wrong = async (...args: string[]) => (await cli([...args, '--lang', 'zh'])).err;
    assert.match(await wrong('stats', '--timeout', '5'), /请写成时长，例如 5s 或 500ms。/);
    assert.match(await wrong('serve', '70000'), /请写 0 到 65535 之间的整数。/);
    assert.match(await wrong('user', 'ban', 'a', '--for', '2y'), /请写 1s 到 365d 之间的时长，例如 90m 或 30d。/);
    assert.match(await wrong('bench', 'fanout', '--rate', '0'), /请写每秒的数量，不小于 0\.01。/);
    assert.match(await wrong('bench', 'fanout', '--size', '1'), /请写 25 字节到 1MiB 的大小，例如 128 或 4KiB。/);
    assert.match(
      await wrong('bench', 'fanout', '--assert', 'p99'),
      /“p99” 不是断言：请写成 名称 运算符 数值，例如 p99<50ms。/,
    );
    assert.match(await wrong('bench', 'fanout', '--assert', 'x<1'), /“x” 不能用于断言，可用的名称：p50, p90,/);
    assert.match(await wrong('bench', 'fanout', '--assert', 'p99<1m'), /“m” 不是 p99 的单位，可用：us, ms or s。/);
  });

  it('names the range of a duration, whatever is wrong with it', async () => {
    for (const ttl of ['0s', '1y', '9999d', '90']) {
      const { err } = await cli(['key', 'rotate', '--operator', '--role', 'read', '--ttl', ttl]);
      assert.match(err, /Write a duration from 1s to 3650d, such as 90m or 30d\./);
    }
  });
});

describe('a missing or wrong key', () => {
  it('is answered with what to do at the command line, not with a header', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /stats': (_: Asked, response: never) =>
        refuse(response, 401, {
          code: 'unauthorized',
          message: 'the operator key is needed',
          hint: 'send it as Authorization: Bearer KEY',
        }),
    });
    const { exit, err } = await cli(['stats', '-s', admin.url]);
    assert.equal(exit, 4);
    assert.match(err, /--key-file FILE or YUNQUE_KEY_FILE.*operator\.group/);
    assert.doesNotMatch(err, /Authorization/);
  });
});

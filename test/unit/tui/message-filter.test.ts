import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TailCopy } from '../../../src/api/tail.ts';
import { isAskedFor, parseMessageFilter } from '../../../src/tui/state/message-filter.ts';
import { tailQueryOf } from '../../../src/tui/state/stream-query.ts';
import { initialState } from '../../../src/tui/state/view-state.ts';

const queries = [
  ['system=shop uid=alice', { system: 'shop', uid: 'alice' }, ''],
  ['uid=王小明 你好', { uid: '王小明' }, '你好'],
  ['group=a=b direction=in hello world', { group: 'a=b', direction: 'in' }, 'hello world'],
  ['cid=12', { client: '12' }, ''],
  ['CLIENTID=abc=', { client: 'abc=' }, ''],
  // What nodes cannot look for is searched for here: no such way, a second user, half a condition, another field.
  ['direction=up', {}, 'direction=up'],
  ['uid=a uid=b', { uid: 'a' }, 'uid=b'],
  ['uid= constructor=1', {}, 'uid= constructor=1'],
] as const;

test('of a filter of messages, who they are for is asked of the nodes, and words are searched for here', () => {
  for (const [text, query, words] of queries) assert.deepEqual(parseMessageFilter(text), { query, words }, text);
});

test('the stream of the messages view is that of its filter, within the system that top was started for', () => {
  const of = (filter: string, system?: string) =>
    tailQueryOf(initialState({ view: 'messages', filter, intervalMs: 1000, size: { columns: 80, rows: 24 } }), {
      system,
    });
  assert.deepEqual(of('uid=alice hello'), { uid: 'alice', perSecond: 100 });
  assert.deepEqual(of('system=other', 'shop'), { system: 'shop', perSecond: 100 });
  assert.deepEqual(of(''), { perSecond: 100 });
});

test('copies of a recording are filtered here, as the nodes would have', () => {
  const copy = { system: 'shop', direction: 'out', target: { to: 'groups', groups: ['g', 'h'] }, cid: '7', uid: 'bob' };
  const is = (text: string) => isAskedFor(copy as unknown as TailCopy, parseMessageFilter(text).query);
  for (const text of ['', 'system=shop', 'group=h', 'uid=bob cid=7', 'direction=out']) assert.ok(is(text), text);
  for (const text of ['system=s', 'group=x', 'uid=bo', 'cid=77', 'direction=in', 'uid=bob group=x'])
    assert.ok(!is(text), text);
});

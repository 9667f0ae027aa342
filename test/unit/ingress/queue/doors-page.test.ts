import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { planRecord } from '../../../../src/ingress/queue/planned.ts';
import { load } from '../../config/helpers.ts';

const root = join(import.meta.dirname, '../../../..');
const textOf = (name: string) => readFileSync(join(root, name), 'utf8');

const limits = { recordBytes: 1024 * 1024, batch: 1000, idBytes: 256, jsonDepth: 32 };
const rules = { name: 'stream:chat', system: 'default', trusted: false, newMessageId: () => 'm', limits };

/** For whom the pushes of a record are, as a door bound to `default` reads it. */
function targetsOf(body: string) {
  const planned = planRecord({ id: undefined, body: Buffer.from(body) }, rules);
  assert.deepEqual([...planned.keys()], ['default']);
  return [...planned.values()].flat().map(({ target }) => target);
}

const greeting = '{"Uid":"alice","msg":[{"action":"greeting","content":{"text":"hello"}}]}';

for (const page of ['docs/doors.md', 'docs/doors.zh-CN.md']) {
  test(`the records that ${page} shows go to those it names`, () => {
    const bodies = [...textOf(page).matchAll(/^```json\n(.*?)\n```$/gms)].map(([, body = '']) => body);
    assert.deepEqual(bodies.map(targetsOf), [
      [{ to: 'users', uids: ['alice', 'bob'] }],
      [{ to: 'groups', groups: ['room1'] }],
      [{ to: 'system' }],
      [
        { to: 'connections', ids: ['9a6f2d3b11c04e7f9a6f2d3b11c04e7f'] },
        { to: 'users', uids: ['alice'] },
      ],
    ]);
  });

  test(`the doors that ${page} shows can be used as they are`, () => {
    const [yaml = ''] = [...textOf(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
    const { config } = load({ 'configs/config.yaml': `${yaml}\nkafka.brokers: ['127.0.0.1:9092']` });
    assert.deepEqual(
      config.doors.map(({ system, trusted }) => [system, trusted]),
      [
        ['shop', undefined],
        [undefined, true],
      ],
    );
  });
}

test('what is typed into a shell to push is the same everywhere, and reaches alice', () => {
  assert.deepEqual(targetsOf(greeting), [{ to: 'users', uids: ['alice'] }]);
  for (const page of ['docs/doors.md', 'docs/doors.zh-CN.md', 'configs/doors.yaml']) {
    const text = textOf(page);
    for (const command of ['publish chat', "xadd chat '*' data"])
      assert.ok(text.includes(`redis-cli ${command} '${greeting}'`), `${page}: ${command}`);
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { cli } from './run-cli.ts';

const fileOf = (name: string) =>
  readFileSync(new URL(`../../../src/wire/proto/${name}.proto`, import.meta.url), 'utf8');

describe('proto', () => {
  for (const name of ['yunque', 'cim', 'push']) {
    it(`prints ${name}.proto byte for byte, and nothing else`, async () => {
      assert.deepEqual(await cli(['proto', name]), { exit: 0, out: fileOf(name), err: '' });
    });
  }

  it('prints all without a name, and says that these are several files', async () => {
    const { exit, out, err } = await cli(['proto']);
    assert.equal(exit, 0);
    assert.equal(
      out,
      `// yunque.proto\n${fileOf('yunque')}\n// cim.proto\n${fileOf('cim')}\n// push.proto\n${fileOf('push')}`,
    );
    assert.match(err, /several files.*yunque proto yunque > yunque\.proto/);
  });

  it('prints one object as json', async () => {
    const { out } = await cli(['proto', '--json']);
    const files = ['yunque', 'cim', 'push'].map((name) => ({ name: `${name}.proto`, text: fileOf(name) }));
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.proto/1', files });
  });

  it('refuses another name, and says which there are', async () => {
    const { exit, err } = await cli(['proto', 'chat']);
    assert.equal(exit, 2);
    assert.match(err, /yunque, cim, push/);
  });
});

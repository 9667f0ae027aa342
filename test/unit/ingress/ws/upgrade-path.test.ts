import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBindRequest } from '../../../../src/ingress/ws/bind-request.ts';
import { upgradeTarget } from '../../../../src/ingress/ws/upgrade-path.ts';

const paths = { '/ws': 'json', '/yunque': 'yunque', '/': 'yunque', '/cim': 'cim', '/cim-json': 'cim-json' } as const;
const dialectOf = (url: string, offered?: string) => upgradeTarget(url, offered, paths)?.dialect;

describe('the dialect of an upgrade', () => {
  test('is that of its path, whatever the query', () => {
    for (const [path, dialect] of Object.entries(paths)) {
      assert.equal(dialectOf(path), dialect);
      assert.equal(dialectOf(`${path}?systemId=a`), dialect);
      assert.equal(dialectOf(`${path}?`), dialect);
    }
  });

  test('is none for a path that is not on the list, taken as it is written', () => {
    const others = [
      '/nowhere',
      '/ws/',
      '/WS',
      '//ws',
      '/./ws',
      '/x/../ws',
      '/%77s',
      'ws',
      '',
      '/__proto__',
      '/constructor',
      '/ws#x',
    ];
    for (const url of others) assert.equal(upgradeTarget(url, undefined, paths), undefined, url);
  });

  test('is that of the first subprotocol it knows, on any of its paths, and that one is confirmed', () => {
    assert.deepEqual(
      [upgradeTarget('/ws', 'yunque.protobuf', paths)].map((target) => [target?.dialect, target?.subprotocol]),
      [['yunque', 'yunque.protobuf']],
    );
    assert.equal(dialectOf('/', ' x , cim.json ,yunque.json'), 'cim-json');
    assert.equal(dialectOf('/yunque', 'yunque.json'), 'json');
    assert.equal(dialectOf('/cim', 'cim.protobuf'), 'cim');
  });

  test('stays that of the path when no subprotocol is known, and none is confirmed', () => {
    for (const offered of ['', 'x', 'YUNQUE.JSON', '__proto__', 'toString', ','.repeat(5000)]) {
      const target = upgradeTarget('/ws', offered, paths);
      assert.deepEqual([target?.dialect, target?.subprotocol], ['json', undefined], offered.slice(0, 20));
    }
  });

  test('is not opened by a subprotocol on a path that is not on the list', () => {
    assert.equal(upgradeTarget('/nowhere', 'yunque.json', paths), undefined);
  });

  test('leaves the query as it was sent, decoded once', () => {
    const target = upgradeTarget('/ws?systemId=a%2Bb&token=%E4%BA%91&x', undefined, paths);
    assert.deepEqual([target?.query.get('systemId'), target?.query.get('token')], ['a+b', '云']);
  });
});

describe('a bind', () => {
  const read = (data: Record<string, string>) =>
    readBindRequest((field) => data[field] ?? '', { idBytes: 16, user: undefined });

  test('needs a uid, and takes the rest as it comes or empty', () => {
    assert.deepEqual(read({ uid: '__proto__', channel: 'web', osVersion: 'ignored' }), {
      uid: '__proto__',
      deviceId: '',
      deviceName: '',
      channel: 'web',
    });
    assert.equal(read({ deviceId: 'd' }), 'uid is missing');
    assert.equal(read({ uid: '' }), 'uid is missing');
  });

  for (const field of ['uid', 'deviceId', 'deviceName', 'channel']) {
    test(`is refused for a ${field} that is too long in bytes, or has a control character, naming the field`, () => {
      assert.equal(read({ uid: 'u', [field]: 'x'.repeat(17) }), `${field} is longer than 16 bytes`);
      assert.equal(read({ uid: 'u', [field]: '云'.repeat(6) }), `${field} is longer than 16 bytes`);
      assert.equal(read({ uid: 'u', [field]: 'a\ud800' }), `${field} holds half a surrogate pair`);
      for (const odd of ['a\nb', '\u001b[2J', '\u009b', '\0']) {
        assert.equal(read({ uid: 'u', [field]: odd }), `${field} has a control character`);
      }
      assert.equal(typeof read({ uid: 'u', [field]: '云'.repeat(5) }), 'object');
    });
  }
});

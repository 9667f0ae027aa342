import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, problemsOf } from './helpers.ts';

const fromEnv = (env: Readonly<Record<string, string>>) => load({}, { env }).config;

test('each setting has a variable', () => {
  const config = fromEnv({
    YUNQUE_AUTH_TRUST_LOOPBACK: 'false',
    YUNQUE_HEARTBEAT_JSON_PING_INTERVAL: '7s',
    YUNQUE_LIMITS_GROUPS_PER_CONNECTION: '12',
    YUNQUE_OUTBOX_MAX_BYTES: '2MiB',
    YUNQUE_BIND_TIMEOUT: '1500',
  });
  assert.equal(config.auth.trustLoopback, false);
  assert.equal(config.heartbeat.json.pingIntervalMs, 7000);
  assert.equal(config.limits.groupsPerConnection, 12);
  assert.equal(config.outbox.maxBytes, 2 * 1024 ** 2);
  assert.equal(config.bindTimeoutMs, 1500);
});

test('booleans may be spelled as people spell them', () => {
  for (const word of ['true', '1', 'yes', 'on', 'TRUE']) assert.equal(fromEnv({ YUNQUE_DEMO: word }).demo, true, word);
  for (const word of ['false', '0', 'no', 'off', 'False'])
    assert.equal(fromEnv({ YUNQUE_DEMO: word }).demo, false, word);
});

test('lists are separated by commas, or written as YAML or JSON', () => {
  assert.deepEqual(fromEnv({ YUNQUE_SYSTEMS_LIST: 'shop, crm' }).systems.list, ['shop', 'crm']);
  assert.deepEqual(fromEnv({ YUNQUE_SYSTEMS_LIST: '["shop","a,b"]' }).systems.list, ['shop', 'a,b']);
  assert.deepEqual(fromEnv({ YUNQUE_DEVICES_EXCLUSIVE: '[[web, mac]]' }).devices.exclusive, [['web', 'mac']]);
  assert.deepEqual(fromEnv({ YUNQUE_LISTENERS: '[{port: 34567, dialect: cim}]' }).listeners, [
    { port: 34567, dialect: 'cim' },
  ]);
  assert.deepEqual(fromEnv({ YUNQUE_DEVICES_COEXIST: '' }).devices.coexist, []);
});

test('a wrong value is refused under the name of its variable', () => {
  assert.deepEqual(
    problemsOf({}, { env: { YUNQUE_PORT: '99999', YUNQUE_DEVICES_COEXIST: 'web,mob', YUNQUE_HOST: '' } }),
    [
      'YUNQUE_DEVICES_COEXIST: devices.coexist[1]: expected one of android, ios, windows, mac, web, found "mob"',
      'YUNQUE_HOST: expected an IP address or a host name, without a port, found nothing',
      'YUNQUE_PORT: expected a port number from 0 to 65535, found 99999',
    ].toSorted((a, b) => a.localeCompare(b)),
  );
});

test('an unknown variable is refused with the nearest known one', () => {
  assert.deepEqual(problemsOf({}, { env: { YUNQUE_AUTH_TRUSTLOOPBACK: '1' } }), [
    'YUNQUE_AUTH_TRUSTLOOPBACK: unknown environment variable – did you mean "YUNQUE_AUTH_TRUST_LOOPBACK"?',
  ]);
  assert.deepEqual(problemsOf({}, { env: { YUNQUE_WHATEVER: '1' } }), [
    'YUNQUE_WHATEVER: unknown environment variable',
  ]);
});

test('variables of the command line, of other programs and of service links are left alone', () => {
  const env = {
    YUNQUE_SERVER: 'http://127.0.0.1:7001',
    YUNQUE_KEY: 'k',
    YUNQUE_KEY_FILE: '/nowhere',
    YUNQUE_CONTEXT: 'prod',
    YUNQUE_LANG: 'zh',
    YUNQUE_SYSTEM: 'shop',
    YUNQUE_TOKEN: 't',
    OTHER_PORT: '1',
    YUNQUE_SERVICE_HOST: '10.0.0.1',
    YUNQUE_SERVICE_PORT: '666',
    YUNQUE_SERVICE_PORT_HTTP: '666',
    YUNQUE_PORT: 'tcp://10.0.0.1:666',
    YUNQUE_PORT_666_TCP: 'tcp://10.0.0.1:666',
    YUNQUE_PORT_666_TCP_PROTO: 'tcp',
    YUNQUE_PORT_666_TCP_ADDR: '10.0.0.1',
  };
  assert.equal(fromEnv(env).port, 666);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { programName, serveBanner } from '../../../src/cli/serve-banner.ts';
import { defaultConfig } from '../../support/default-config.ts';

const defaults = defaultConfig();
const node = {
  addresses: ['http://127.0.0.1:7001'],
  internalAddresses: [],
  port: 7001,
  ports: [7001],
  operator: { keyFile: '/run/7001.key' },
  dataDirectory: '/data',
  nodeId: 'n1',
  mostConnections: 1000,
} as unknown as Parameters<typeof serveBanner>[0]['node'];

function banner(
  auth: Partial<typeof defaults.auth> = {},
  demo = false,
  connections = 0,
  more: Partial<typeof node> = {},
): string {
  const limits = { ...defaults.limits, connections };
  const config = { ...defaults, demo, limits, auth: { ...defaults.auth, ...auth } };
  return serveBanner({ loaded: { config }, node: { ...node, ...more }, program: 'bin/yunque' });
}

describe('the banner of serve', () => {
  it('says in one sentence who may push', () => {
    assert.match(banner(), /protected +this machine may push and bind; everyone else is refused/);
    const both = banner({ trustedNetworks: ['10.0.0.0/8', '192.168.0.0/16'] });
    assert.match(
      both,
      /this machine, 10\.0\.0\.0\/8 and 192\.168\.0\.0\/16 may push and bind; everyone else is refused/,
    );
    assert.doesNotMatch(both, /trusted networks|WARNING/);
    assert.match(
      banner({ trustLoopback: false, trustedNetworks: ['10.0.0.0/8'] }),
      /protected +10\.0\.0\.0\/8 may push and bind/,
    );
    assert.match(banner({ trustLoopback: false }), /nobody may push or bind without the operator key/);
  });

  it('warns of a network that is every address', () => {
    for (const network of ['0.0.0.0/0', '::/0']) {
      assert.match(banner({ trustedNetworks: [network] }), /WARNING: \S+\/0 is every address/);
    }
  });

  it('suggests commands as this one was started, and no bind that would be refused', () => {
    assert.match(banner(), /try +bin\/yunque connect --uid alice -s http:\/\/127\.0\.0\.1:7001\n +bin\/yunque send /);
    const suggested = banner({ trustLoopback: false });
    assert.doesNotMatch(suggested, /connect --uid/);
    assert.match(suggested, /try +bin\/yunque send /);
  });

  it('says how many connections there is room for, and what decides it', () => {
    assert.match(banner(), /room for +1,000 connections \(file descriptors: ulimit -n\)/);
    assert.match(banner({}, false, 1000), /room for +1,000 connections \(limits\.connections\)/);
  });

  it('shows wss with TLS, and suggests commands that need no certificate’s name', () => {
    const text = banner({}, false, 0, { addresses: ['https://127.0.0.1:7001'] });
    assert.match(text, /serving +https:\/\/127\.0\.0\.1:7001\n/);
    assert.match(text, /websocket +wss:\/\/127\.0\.0\.1:7001\/ws {2}json/);
    assert.match(text, /try +bin\/yunque send --uid alice 'hello' -s 7001\n +bin\/yunque top -s 7001\n/);
    assert.doesNotMatch(text, /yunque connect/);
  });

  it('shows the internal listener, and suggests no command to the port that carries WebSocket only', () => {
    const text = banner({}, false, 0, { internalAddresses: ['http://127.0.0.1:9666'] });
    assert.match(text, /internal +http:\/\/127\.0\.0\.1:9666\n/);
    assert.match(text, /connect --uid alice -s http:\/\/127\.0\.0\.1:7001\n.*send --uid alice 'hello' -s 7001\n/);
    assert.doesNotMatch(banner(), /internal/);
  });

  it('mentions the demo accounts where they are open', () => {
    assert.match(banner({}, true), /\/login.*not for production/);
    assert.doesNotMatch(banner(), /\/login/);
  });
});

describe('how the program is called', () => {
  for (const [argv0, execPath, script, expected] of [
    ['yunque', '/usr/bin/yunque', '/snapshot/main.js', 'yunque'],
    ['bin/yunque', '/srv/push/bin/yunque', '/snapshot/main.js', 'bin/yunque'],
    ['/srv/push/bin/yunque', '/srv/push/bin/yunque', undefined, 'bin/yunque'],
    ['/srv/push/yunque', '/srv/push/yunque', undefined, './yunque'],
    ['/opt/yunque', '/opt/yunque', undefined, '/opt/yunque'],
    ['node', '/usr/bin/node', '/srv/push/src/main.ts', 'node src/main.ts'],
  ] as const) {
    it(`${argv0}, which is ${execPath}, is "${expected}"`, () => {
      assert.equal(programName({ argv0, execPath, script, cwd: '/srv/push' }), expected);
    });
  }
});

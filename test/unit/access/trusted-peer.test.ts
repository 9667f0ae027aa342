import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTrustedPeer, type TrustOptions } from '../../../src/access/trusted-peer.ts';
import { type Asked, fakeRequest } from './fake-request.ts';

const defaults: TrustOptions = { trustLoopback: true, trustedNetworks: [] };
const lan: TrustOptions = { trustLoopback: true, trustedNetworks: ['10.1.0.0/16', 'fd00::/8', '192.168.7.7'] };
const behindProxy: TrustOptions = { trustLoopback: false, trustedNetworks: [] };

const host = 'localhost:666';
const local = { from: '127.0.0.1', headers: { host } };

function judge(asked: Asked, options = defaults) {
  return createTrustedPeer(options)(fakeRequest(asked));
}

function trusts(asked: Asked, options = defaults): void {
  assert.deepEqual(judge(asked, options), { trusted: true });
}

/** `hint`: what would have to be changed must be named. */
function refuses(asked: Asked, reason: RegExp, hint: RegExp, options = defaults): void {
  const trust = judge(asked, options);
  assert.equal(trust.trusted, false);
  if (trust.trusted) return;
  assert.match(trust.reason, reason);
  assert.match(trust.hint, hint);
}

test('whom the options name later is trusted from then on, and nobody else any more', () => {
  let options = lan;
  const trustOf = createTrustedPeer({
    get trustLoopback() {
      return options.trustLoopback;
    },
    get trustedNetworks() {
      return options.trustedNetworks;
    },
  });
  const trusted = () =>
    [local, { from: '10.1.2.3', headers: {} }, { from: '10.2.2.3', headers: {} }].map(
      (asked) => trustOf(fakeRequest(asked)).trusted,
    );
  assert.deepEqual(trusted(), [true, true, false]);
  options = { trustLoopback: false, trustedNetworks: ['10.2.0.0/16'] };
  assert.deepEqual(trusted(), [false, false, true]);
});

describe('the TCP peer', () => {
  for (const from of ['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1']) {
    test(`${from} is trusted by default`, () => trusts({ ...local, from }));
    test(`${from} is not trusted with auth.trustLoopback false`, () => {
      refuses({ ...local, from }, /loopback is not trusted/, /auth\.trustLoopback: true/, behindProxy);
    });
  }

  for (const from of ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '192.168.7.7']) {
    test(`${from} is trusted where auth.trustedNetworks holds it, under any Host`, () => {
      trusts({ from, headers: { host: 'push.internal:666' } }, lan);
      trusts({ from, headers: {} }, lan);
    });
    test(`${from} is not trusted by default, and the hint names the option`, () => {
      refuses({ from, headers: { host } }, /is not trusted/, /auth\.trustedNetworks/);
    });
  }

  for (const from of ['10.2.0.1', '192.168.7.8', 'fe80::1', '8.8.8.8', '', undefined, '0.0.0.0', '::']) {
    test(`${JSON.stringify(from)} is not trusted by the networks of others`, () => {
      refuses({ from, headers: { host } }, /is not trusted/, /auth\.trustedNetworks/, lan);
    });
  }

  test('a loopback peer is not trusted by network where trust in loopback is switched off', () => {
    const everywhere = { trustLoopback: false, trustedNetworks: ['0.0.0.0/0', '127.0.0.0/8', '::/0'] };
    refuses(local, /loopback is not trusted/, /auth\.trustLoopback: true/, everywhere);
  });
});

describe('a forwarded request', () => {
  const headers = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];
  for (const name of headers) {
    for (const value of ['127.0.0.1', '']) {
      test(`with ${name}: "${value}" is not trusted, from loopback or a trusted network`, () => {
        const forwarded = { host, [name]: value };
        refuses({ from: '127.0.0.1', headers: forwarded }, new RegExp(name), /directly/);
        refuses({ from: '10.1.2.3', headers: forwarded }, new RegExp(name), /directly/, lan);
      });
    }
  }
});

describe('Host', () => {
  for (const name of [
    'localhost',
    'LOCALHOST',
    'localhost:666',
    '127.0.0.1',
    '127.0.0.1:7001',
    '127.1.2.3:80',
    '[::1]',
    '[::1]:666',
  ]) {
    test(`${name} is a loopback name`, () => trusts({ from: '127.0.0.1', headers: { host: name } }));
  }

  const foreign = [
    'evil.com',
    'evil.com:666',
    'localhost.evil.com',
    'localhost.',
    '127.0.0.1.evil.com',
    '127.0.0.1.nip.io:666',
    'localhost@evil.com',
    'evil.com#localhost',
    '10.1.2.3',
    '0.0.0.0:666',
    '[::]:666',
    '127.1',
    '2130706433',
    '[::1',
    '::1',
    '',
  ];
  for (const name of foreign) {
    test(`"${name}" from loopback is a rebound name, or none`, () => {
      refuses({ from: '127.0.0.1', headers: { host: name } }, /is not this machine's loopback/, /localhost/);
    });
  }

  test('missing, as HTTP/1.0 allows, is none', () => {
    refuses({ from: '127.0.0.1', headers: {} }, /is not this machine's loopback/, /localhost/);
  });
});

test('a page’s plain GET from a trusted network, under a name, shows itself by its language and is refused', () => {
  const headers = { host: 'evil.example:666', 'accept-language': '' };
  refuses({ from: '10.1.2.3', headers }, /a browser sent it/, /IP address/, lan);
  trusts({ from: '10.1.2.3', headers: { ...headers, host: '10.1.0.1:666' } }, lan);
});

test('Node’s fetch, which says it takes any language, is a backend’s', () => {
  const headers = { host: 'push.lan', 'accept-language': '*', 'sec-fetch-mode': 'cors' };
  trusts({ from: '10.1.2.3', headers }, lan);
  // A page can say `*` as well; it cannot set the other, which it has only together with Sec-Fetch-Site.
  refuses({ from: '10.1.2.3', headers: { host: 'evil.example', 'accept-language': '*' } }, /a browser/, /IP/, lan);
  refuses({ from: '10.1.2.3', headers: { ...headers, 'sec-fetch-site': 'same-origin' } }, /a browser/, /IP/, lan);
});

test('a request with two Hosts is not trusted, and a long one is not repeated whole', () => {
  refuses({ ...local, hosts: ['localhost', 'evil.com'] }, /more than one Host/, /send one/);
  const trust = judge({ from: '127.0.0.1', headers: { host: 'x'.repeat(15_000) } });
  assert.ok(!trust.trusted && trust.reason.length < 400);
});

describe('Origin', () => {
  const from = '127.0.0.1';
  for (const [origin, name] of [
    ['http://localhost:666', 'localhost:666'],
    ['https://localhost:666', 'localhost:666'],
    ['http://LocalHost:666', 'LOCALHOST:666'],
    ['http://[::1]:666', '[::1]:666'],
    ['http://127.0.0.1', '127.0.0.1'],
  ] as const) {
    test(`${origin} is the same origin as Host ${name}`, () => trusts({ from, headers: { host: name, origin } }));
  }

  const foreign = [
    'null',
    '',
    'https://evil.com',
    'http://localhost',
    'http://localhost:667',
    'http://localhost:6666',
    'http://127.0.0.1:666',
    'http://localhost:666.evil.com',
    'http://localhost:666@evil.com',
    'http://evil.com/localhost:666',
    'http://localhost.evil.com:666',
    'http://sub.localhost:666',
    'http://localhost.:666',
    'http://localhost:666/',
    ' http://localhost:666',
    'ws://localhost:666',
    'file://localhost:666',
    'chrome-extension://localhost:666',
    'localhost:666',
  ];
  for (const origin of foreign) {
    test(`"${origin}" is foreign to Host localhost:666`, () => {
      refuses({ from, headers: { host, origin } }, /another origin/, /backend/);
    });
  }

  test('the same origin by name is not enough outside loopback: the name could be rebound; by address it is', () => {
    const named = { host: 'push.lan:666', origin: 'http://push.lan:666' };
    refuses({ from: '10.1.2.3', headers: named }, /a browser sent it under the name "push\.lan"/, /IP address/, lan);
    trusts({ from: '10.1.2.3', headers: { host: '10.1.0.9:666', origin: 'http://10.1.0.9:666' } }, lan);
    refuses({ from: '10.1.2.3', headers: { host: '10.1.0.9:666', origin: 'https://evil.com' } }, /origin/, /./, lan);
    refuses({ from: '10.1.2.3', headers: { origin: 'http://' } }, /origin/, /./, lan);
  });
});

describe('Sec-Fetch-Site', () => {
  for (const site of ['same-origin', 'none']) {
    test(`${site} is trusted`, () => trusts({ ...local, headers: { host, 'sec-fetch-site': site } }));
  }
  for (const site of ['cross-site', 'same-site', 'Same-Origin', 'same-origin, cross-site', '']) {
    test(`"${site}" is not`, () => {
      refuses({ ...local, headers: { host, 'sec-fetch-site': site } }, /another site/, /backend/);
    });
  }
  test('same-origin does not outweigh a foreign Origin, nor a rebound name in a trusted network', () => {
    const headers = { host, 'sec-fetch-site': 'same-origin', origin: 'https://evil.com' };
    refuses({ ...local, headers }, /another origin/, /backend/);
    const rebound = { host: 'evil.com', 'sec-fetch-site': 'same-origin' };
    refuses({ from: '10.1.2.3', headers: rebound }, /under the name "evil\.com"/, /IP address/, lan);
  });
});

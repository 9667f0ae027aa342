import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { type AdmissionOptions, createAdmission } from '../../../../src/ingress/ws/admission.ts';
import { MinuteBans } from '../../../../src/util/minute-bans.ts';

const off: AdmissionOptions = {
  connections: 0,
  connectionsPerAddress: 0,
  acceptRate: 0,
  acceptBurst: 1,
  flapping: { perMinute: 0, banMs: 1000 },
  shedding: () => undefined,
};

/** A door with a clock of its own. `ask`: one more upgrade from there; the limit that refuses it, or the socket. */
function openDoor(options: Partial<AdmissionOptions>) {
  const clock = { ms: 0 };
  const admission = createAdmission({ ...off, now: () => clock.ms, ...options });
  const tryFrom = (address: string, remoteAddress: string | undefined = '127.0.0.1') => {
    const socket = new PassThrough();
    const full = admission.admit({ socket: { remoteAddress } } as unknown as IncomingMessage, socket, address);
    return { socket, full };
  };
  const count = (address: string, tries: number) =>
    Array.from({ length: tries }, () => tryFrom(address)).filter(({ full }) => full === undefined).length;
  return { admission, clock, tryFrom, count };
}

test('without limits everybody is let in and counted', () => {
  const { admission, count } = openDoor({});
  assert.equal(count('10.0.0.1', 10_000), 10_000);
  assert.equal(admission.connections, 10_000);
});

describe('the number of connections', () => {
  test('is kept, and a socket that closes makes room', async () => {
    const { tryFrom, count } = openDoor({ connections: 3 });
    const first = tryFrom('10.0.0.1');
    assert.equal(count('10.0.0.2', 5), 2);
    const { full } = tryFrom('10.0.0.3');
    assert.deepEqual([full?.error, full?.status, full?.limit], ['limit_reached', 503, 'limits.connections']);
    assert.match(full?.message ?? '', /3 connections already \(limits\.connections\)/);
    first.socket.emit('close');
    assert.equal(count('10.0.0.2', 5), 1);
  });

  test('from one address is kept apart for each, and a whole IPv6 network is one', () => {
    const { tryFrom, count } = openDoor({ connectionsPerAddress: 2 });
    const first = tryFrom('10.0.0.1');
    assert.equal(count('10.0.0.1', 5), 1);
    assert.equal(count('10.0.0.2', 5), 2);
    assert.equal(count('2001:db8::1', 1), 1);
    assert.equal(count('2001:db8::2:1', 5), 1);
    assert.equal(count('2001:db8:0:1::1', 5), 2);
    const { full } = tryFrom('10.0.0.1');
    assert.deepEqual([full?.error, full?.status, full?.limit], ['limit_reached', 503, 'limits.connectionsPerAddress']);
    first.socket.emit('close');
    assert.equal(count('10.0.0.1', 5), 1);
  });

  test('leaves out those who come through the operator’s socket', () => {
    const { admission, tryFrom, count } = openDoor({ connections: 1, shedding: () => '10 MiB of the heap are left' });
    const socket = new PassThrough();
    const request = { socket: {} } as unknown as IncomingMessage;
    for (let n = 0; n < 3; n += 1) assert.equal(admission.admit(request, socket, ''), undefined);
    assert.equal(admission.connections, 0);
    assert.equal(count('10.0.0.1', 1), 0);
    assert.equal(tryFrom('10.0.0.1').full?.error, 'unavailable');
  });
});

describe('the rate of newcomers', () => {
  test('is a burst at once and the rate in the long run, 503 for the rest', () => {
    const { clock, tryFrom, count } = openDoor({ acceptRate: 20, acceptBurst: 50 });
    assert.equal(count('10.0.0.1', 1000), 50);
    const { full } = tryFrom('10.0.0.1');
    assert.deepEqual([full?.error, full?.status, full?.limit], ['too_many_requests', 503, 'limits.acceptRate']);
    let admitted = 0;
    for (; clock.ms < 60_000; clock.ms += 10) admitted += count('10.0.0.1', 3);
    assert.ok(Math.abs(admitted - 60 * 20) <= 1, `${admitted} in a minute`);
  });

  test('is not used up by those who are refused for another reason', () => {
    const { clock, tryFrom, count } = openDoor({ acceptRate: 1, acceptBurst: 1, connectionsPerAddress: 1 });
    assert.equal(count('10.0.0.1', 1), 1);
    clock.ms = 1000;
    assert.equal(tryFrom('10.0.0.1').full?.limit, 'limits.connectionsPerAddress');
    assert.equal(count('10.0.0.2', 1), 1);
  });
});

describe('an address that connects again and again', () => {
  const flapping = { perMinute: 15, banMs: 300_000 };

  test('is refused for the time of the ban, told how long, and nobody else is', () => {
    const { clock, tryFrom, count } = openDoor({ flapping });
    for (let n = 0; n < 15; n += 1) assert.equal(tryFrom('10.0.0.1').full, undefined);
    const { full } = tryFrom('10.0.0.1');
    assert.deepEqual([full?.error, full?.status, full?.limit], ['too_many_requests', 429, 'limits.flapping']);
    assert.equal(full?.retryAfterSeconds, 300);
    assert.equal(count('10.0.0.2', 15), 15);
    clock.ms = 299_001;
    assert.equal(tryFrom('10.0.0.1').full?.retryAfterSeconds, 1);
    clock.ms = 300_000;
    assert.equal(count('10.0.0.1', 15), 15);
  });

  test('is one that does so within a minute', () => {
    const { clock, count } = openDoor({ flapping });
    for (let minute = 0; minute < 10; minute += 1) {
      assert.equal(count('10.0.0.1', 15), 15);
      clock.ms += 60_000;
    }
  });

  test('is forgotten, and so are the oldest where there are too many to remember', () => {
    const seen = new MinuteBans(flapping, 100);
    for (let n = 0; n < 1000; n += 1) seen.count(`10.0.${n}.1`, 0);
    assert.equal(seen.size, 100);
    seen.count('10.0.0.1', 60_000);
    assert.equal(seen.size, 1);
  });
});

test('while the node sheds, nobody comes in, and is told why', () => {
  let why: string | undefined = '10 MiB of the heap are left';
  const { tryFrom, count } = openDoor({ shedding: () => why });
  const { full } = tryFrom('10.0.0.1');
  assert.deepEqual([full?.error, full?.status], ['unavailable', 503]);
  assert.match(full?.message ?? '', /no more connections: 10 MiB of the heap are left/);
  why = undefined;
  assert.equal(count('10.0.0.1', 1), 1);
});

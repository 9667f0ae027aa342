import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainEnd } from '../../../../src/bus/rpc/end-words.ts';

const wrapped = (error: string) => `No connection established. Last error: ${error}. Resolution note: `;

test('why a link ended is said in plain words, with the address where it is known', () => {
  const cases = [
    [wrapped('Error: connect ECONNREFUSED 127.0.0.1:8002'), 'connection refused (127.0.0.1:8002)'],
    [
      wrapped('Error: connect EHOSTUNREACH 10.1.0.5:8002 - Local (10.1.0.4:40000)'),
      'no way to that host (10.1.0.5:8002)',
    ],
    [wrapped('Error: connect ECONNREFUSED ::1:8002'), 'connection refused (::1:8002)'],
    ['read ECONNRESET', 'connection reset'],
    [wrapped('null'), 'no connection'],
    ['Name resolution failed for target dns:node2.lan:8002', 'the name node2.lan is not known'],
  ] as const;
  for (const [why, words] of cases) assert.equal(plainEnd(why), words);
});

test('what it does not know is said as it came, without what gRPC puts round it', () => {
  assert.equal(plainEnd('it hung up'), 'it hung up');
  assert.equal(plainEnd('Connection dropped'), 'Connection dropped');
  assert.equal(plainEnd(wrapped('Error: something. With a stop')), 'something. With a stop');
  assert.equal(plainEnd('connect EWHATEVER 1.2.3.4:5'), 'connect EWHATEVER 1.2.3.4:5');
});

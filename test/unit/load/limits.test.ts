import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { areGone, isGoneReason, limitOf } from '../../../src/load/limits.ts';

describe('limitOf', () => {
  test('suspects the threads of the load before the server', () => {
    assert.equal(limitOf({ receivers: 0.97, sender: 0.5, reached: 10 }), 'receivers');
    assert.equal(limitOf({ receivers: 0.5, sender: 0.97, reached: 10 }), 'sender');
    assert.equal(limitOf({ receivers: 0.95, sender: 0.99, reached: 10, wanted: 10 }), 'sender');
    assert.equal(limitOf({ receivers: 0.95, sender: undefined, reached: 10 }), 'receivers');
  });

  test('names the server where it was sent as much as it took, or kept up with less than was asked for', () => {
    assert.equal(limitOf({ receivers: 0.5, sender: 0.5, reached: 10 }), 'server');
    assert.equal(limitOf({ receivers: 0.5, sender: 0.5, reached: 97, wanted: 100 }), 'server');
    assert.equal(limitOf({ receivers: 0.5, sender: 0.5, reached: 99, wanted: 100 }), 'none');
    assert.equal(limitOf({ receivers: 0.5, sender: 0.5, reached: 99, wanted: 100, isShort: true }), 'server');
  });

  test('says before all else that a server went away, and of one that is there that it refused', () => {
    const all = { sender: 0.5, reached: 100, wanted: 100, isShort: true, hasRefused: true };
    assert.equal(limitOf({ ...all, receivers: 0.97, isGone: true }), 'gone');
    assert.equal(limitOf({ ...all, receivers: 0.97 }), 'receivers');
    assert.equal(limitOf({ ...all, receivers: 0.5 }), 'refused');
  });

  test('a server has gone where most connections ended with it, or nobody is there to say no', () => {
    assert.equal(areGone(new Map([[1006, 6]]), 10), true);
    assert.equal(
      areGone(
        new Map([
          [1006, 3],
          [1012, 3],
        ]),
        10,
      ),
      true,
    );
    assert.equal(
      areGone(
        new Map([
          [1006, 2],
          [4008, 8],
        ]),
        10,
      ),
      false,
    );
    assert.equal(areGone(new Map(), 0), false);
    assert.deepEqual(['ECONNREFUSED', 'HTTP 503 full', 'EMFILE'].map(isGoneReason), [true, false, false]);
  });
});

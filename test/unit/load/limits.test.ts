import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limitOf } from '../../../src/load/limits.ts';

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
  });
});

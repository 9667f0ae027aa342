import assert from 'node:assert/strict';
import test from 'node:test';
import { formatCondition, parseCondition } from '../../../src/api/condition.ts';

test('a condition is a field, an operator and the rest as its value', () => {
  const cases = [
    ['uid=alice', 'uid', '=', 'alice'],
    ['uid=', 'uid', '=', ''],
    ['uid!=a=b', 'uid', '!=', 'a=b'],
    ['remoteAddress~10.0.', 'remoteAddress', '~', '10.0.'],
    ['queueBytes>1000', 'queueBytes', '>', '1000'],
    ['idleSeconds<5', 'idleSeconds', '<', '5'],
    ['uid=a\nb', 'uid', '=', 'a\nb'],
  ] as const;
  for (const [text, field, op, value] of cases) {
    assert.deepEqual(parseCondition(text), { field, op, value });
    assert.equal(formatCondition({ field, op, value }), text);
  }
});

test('other text is refused with the forms there are', () => {
  for (const text of ['', 'uid', '=alice', '1a=b', ' uid=a']) {
    assert.throws(() => parseCondition(text), { code: 'bad_request', field: 'where', hint: /field=value/ });
  }
});

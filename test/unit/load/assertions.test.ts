import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check, parseAssertions } from '../../../src/load/assertions.ts';

const holds = (text: string, measured: Parameters<typeof check>[1]) =>
  check(parseAssertions(text), measured).map(({ ok }) => ok);

describe('assertions', () => {
  test('are read with every operator and unit', () => {
    assert.deepEqual(
      parseAssertions('p99<50ms, p50<=0.5s,p99.9 > 200us,max>=3,loss=0,loss!=1%,rate==10000').map(
        ({ name, operator, value, isPercent }) => [name, operator, value, isPercent],
      ),
      [
        ['p99', '<', 50, false],
        ['p50', '<=', 500, false],
        ['p99.9', '>', 0.2, false],
        ['max', '>=', 3, false],
        ['loss', '=', 0, false],
        ['loss', '!=', 1, true],
        ['rate', '=', 10000, false],
      ],
    );
  });

  test('hold or do not', () => {
    const measured = { p99: 50, loss: 5, expected: 1000, rate: 9999.5 };
    assert.deepEqual(holds('p99<50ms,p99<=50,p99=0.05s,p99>49', measured), [false, true, true, true]);
    assert.deepEqual(holds('loss=0,loss<=0.5%,loss<0.5%,loss!=5', measured), [false, true, false, false]);
    assert.deepEqual(holds('rate>=10000,rate>=9999', measured), [false, true]);
  });

  test('of a figure that a scenario does not have do not hold', () => {
    assert.deepEqual(check(parseAssertions('loss=0'), { p99: 1 }), [{ text: 'loss=0', ok: false, actual: undefined }]);
  });

  test('that cannot be read say which part, and what could be', () => {
    const refused = (text: string) => {
      try {
        parseAssertions(text);
      } catch (error) {
        return error instanceof SyntaxError ? error.message : 'another error';
      }
      return 'taken';
    };
    assert.match(refused('p99<50ms,fast'), /"fast" is no assertion: write NAME OPERATOR NUMBER/);
    assert.match(refused('p98<50ms'), /"p98" cannot be asserted: the names are p50, p90,/);
    assert.match(refused('p99<50m'), /"m" is no unit for p99: write us, ms or s/);
    assert.match(refused('rate>5ms'), /"ms" is no unit for rate: write none/);
    assert.match(refused('rate>5%'), /"%" is no unit for rate/);
    assert.match(refused('loss<1s'), /"s" is no unit for loss: write % or nothing/);
    for (const text of ['', 'p99', 'p99<', '<5', 'p99=>5', 'p99<-5', 'p99<5ms;loss=0', 'toString<1'])
      assert.notEqual(refused(text), 'taken', text);
  });
});

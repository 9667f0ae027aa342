import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { SinkQueue, type SinkQueueOptions } from '../../../../src/egress/uplink/sink-queue.ts';
import { fakeSink } from './fakes.ts';

function queueOf(t: TestContext, more: Partial<SinkQueueOptions> = {}) {
  const sink = fakeSink();
  const faults: string[] = [];
  const queue = new SinkQueue({ sink, timeoutMs: 1000, onFault: (reason) => faults.push(reason), ...more });
  t.after(() => queue.close());
  const codes: string[] = [];
  const ask = (id: string, body = '{}') =>
    queue.ask({ key: 'u', body, id }).then(({ code }) => void codes.push(`${id} ${code}`));
  const handedOver = () => sink.batches.map((batch) => batch.map(({ id }) => id).join(''));
  return { sink, queue, ask, codes, faults, handedOver };
}

describe('requests on their way to a sink', () => {
  test('go one hand-over at a time, each of all that came meanwhile, in their order', async (t) => {
    const { sink, ask, codes, handedOver, queue } = queueOf(t);
    for (const id of 'abcd') void ask(id);
    assert.deepEqual([handedOver(), queue.waiting], [['a'], 4]);
    await sink.take();
    void ask('e');
    assert.deepEqual(handedOver(), ['a', 'bcd']);
    await sink.take();
    await sink.take();
    assert.deepEqual(handedOver(), ['a', 'bcd', 'e']);
    assert.deepEqual(codes, ['a 202', 'b 202', 'c 202', 'd 202', 'e 202']);
    assert.deepEqual([queue.figures, queue.waiting], [{ sent: 5, failed: 0, dropped: 0 }, 0]);
  });

  test('that the sink refuses are answered 503, and those behind them go on', async (t) => {
    const { sink, ask, codes, faults, queue } = queueOf(t);
    for (const id of 'abc') void ask(id);
    await sink.take();
    await sink.take(new Error('the broker is gone'));
    void ask('d');
    await sink.take();
    assert.deepEqual(codes, ['a 202', 'b 503', 'c 503', 'd 202']);
    assert.deepEqual([queue.figures.failed, faults], [2, ['the broker is gone']]);
  });

  test('make no hand-over of too many records, or too many bytes; a large one goes alone', async (t) => {
    const { sink, ask, handedOver } = queueOf(t, { mostRecords: 3, mostBytes: 10 });
    void ask('a');
    for (const [id, bytes] of [
      ['b', 2],
      ['c', 2],
      ['d', 2],
      ['e', 2],
      ['f', 9],
      ['g', 99],
      ['h', 10],
    ] as const) {
      void ask(id, 'x'.repeat(bytes));
    }
    for (let at = 0; at < 6; at++) await sink.take();
    assert.deepEqual(handedOver(), ['a', 'bcd', 'e', 'f', 'g', 'h']);
  });

  test('that wait too long are answered 504, and not handed over any more', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let ms = 0;
    const { sink, ask, codes, handedOver, queue } = queueOf(t, { timeoutMs: 100, now: () => ms });
    const tick = async (by: number) => {
      ms += by;
      t.mock.timers.tick(by);
      await new Promise(setImmediate);
    };
    void ask('a');
    void ask('b');
    await tick(60);
    void ask('c');
    await tick(39);
    assert.deepEqual(codes, []);
    await tick(1);
    assert.deepEqual(codes, ['a 504', 'b 504']);
    await sink.take();
    assert.deepEqual(handedOver(), ['a', 'c']);
    await tick(60);
    assert.deepEqual(codes, ['a 504', 'b 504', 'c 504']);
    void ask('d');
    await sink.take();
    await sink.take();
    assert.deepEqual([codes.at(-1), queue.figures], ['d 202', { sent: 3, failed: 0, dropped: 1 }]);
  });

  test('are answered when it is closed', async (t) => {
    const { ask, codes, handedOver, queue } = queueOf(t);
    const asked = [ask('a'), ask('b')];
    queue.close();
    await Promise.all(asked);
    assert.deepEqual([codes, handedOver()], [['a 503', 'b 503'], ['a']]);
  });
});

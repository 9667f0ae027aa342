import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NodeEvent } from '../../../../src/api/event.ts';
import { createFakeCluster } from '../../../support/fake-cluster.ts';

const follow = (seen: string[]) => (event: NodeEvent) => {
  if (event.type === 'system_added') seen.push(`${event.node}:${event.system}`);
};

describe('EventNews', () => {
  test('shows who follows on one node what happens on all, earlier events of each first', async () => {
    const cluster = await createFakeCluster(['n1', 'n2']);
    const [n1, n2] = cluster.nodes;
    assert.ok(n1 !== undefined && n2 !== undefined);
    n2.context.events.emit({ type: 'system_added', system: 'before' });
    n2.context.events.emit({ type: 'system_added', system: 'just before' });
    const seen: string[] = [];
    const leave = n1.subscribe(follow(seen), 1);
    await cluster.settled();
    n1.context.events.emit({ type: 'system_added', system: 'here' });
    n2.context.events.emit({ type: 'system_added', system: 'there' });
    await cluster.settled();
    assert.deepEqual(seen, ['n2:just before', 'n1:here', 'n2:there']);
    leave();
    await cluster.settled();
    n1.context.events.emit({ type: 'system_added', system: 'later' });
    n2.context.events.emit({ type: 'system_added', system: 'later' });
    await cluster.settled();
    assert.equal(seen.length, 3);
  });

  test('follows a node that joins later, and one that comes back, each event once', async () => {
    const cluster = await createFakeCluster(['n1']);
    const [n1] = cluster.nodes;
    const seen: string[] = [];
    n1?.subscribe(follow(seen));
    const n2 = await cluster.join('n2');
    await cluster.settled();
    n2.context.events.emit({ type: 'system_added', system: 'one' });
    await cluster.settled();
    cluster.hub.cut('n1', 'n2');
    await cluster.settled();
    n2.context.events.emit({ type: 'system_added', system: 'unseen' });
    cluster.hub.mend('n1', 'n2');
    await cluster.settled();
    n2.context.events.emit({ type: 'system_added', system: 'two' });
    await cluster.settled();
    assert.deepEqual(seen, ['n2:one', 'n2:two']);
  });
});

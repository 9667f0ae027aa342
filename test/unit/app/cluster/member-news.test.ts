import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventSubject } from '../../../../src/api/event.ts';
import { MemberNews } from '../../../../src/app/cluster/member-news.ts';
import type { Member } from '../../../../src/directory/leases.ts';

const member = (id: string, incarnation = 1, state: Member['state'] = 'serving'): Member => ({
  ...{ id, incarnation, state, cidLease: 1, host: '10.0.0.1', port: 1666, clientAddress: '10.0.0.1:1666' },
  ...{ version: '0.1.0', startedAt: 0, addresses: [] },
});

function news(...members: Member[]) {
  const said: string[] = [];
  const emit = (event: EventSubject) => {
    if ('peer' in event) said.push(`${event.type} ${event.peer} ${event.address}`);
  };
  const log = { info: () => {}, warn: () => {} };
  return { said, news: new MemberNews({ self: 'n1', events: { emit }, log }, members) };
}

describe('MemberNews', () => {
  test('says who comes, who leaves in order, and whose lease ended without a word', () => {
    const { said, news: of } = news(member('n1'), member('n2'));
    of.learn([member('n1'), member('n2'), member('n3')]);
    of.learn([member('n1'), member('n2', 1, 'draining'), member('n3')]);
    of.learn([member('n1'), member('n3')]);
    of.learn([member('n1')]);
    assert.deepEqual(said, [
      'node_joined n3 10.0.0.1:1666',
      'node_left n2 10.0.0.1:1666',
      'node_down n3 10.0.0.1:1666',
    ]);
    assert.equal(of.died, 1);
  });

  test('says of one that is started again that it was down and is back, and nothing of this node', () => {
    const { said, news: of } = news(member('n1'), member('n2'));
    of.learn([member('n1', 2), member('n2', 2)]);
    of.learn([member('n1', 2), member('n2', 2)]);
    assert.deepEqual(said, ['node_down n2 10.0.0.1:1666', 'node_joined n2 10.0.0.1:1666']);
  });
});

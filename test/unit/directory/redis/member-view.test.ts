import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemberView } from '../../../../src/directory/redis/member-view.ts';

test('a listener that throws keeps no other from hearing, and is not a failure of the directory', () => {
  const bugs: unknown[] = [];
  const view = new MemberView({ self: 'n1', holdMs: 1000, onBug: (error) => bugs.push(error) });
  const bug = new TypeError('a bug');
  const heard: string[] = [];
  const fail = () => {
    throw bug;
  };
  view.watch({ onMembers: fail, onReentry: fail, onFailure: fail });
  view.watch({
    onMembers: (members) => heard.push(members.map(({ id }) => id).join()),
    onReentry: ({ incarnation }) => heard.push(`${incarnation}`),
    onFailure: (failure) => heard.push(`${failure}`),
  });
  const info = JSON.stringify({ host: '127.0.0.1', port: 1 });
  view.learn('era', [{ id: 'n2', incarnation: 1, cidLease: 1, info }]);
  view.reenter({ incarnation: 3, previousIncarnation: 2, cidLease: 1, previousCidLease: 1 });
  assert.equal(view.failure, undefined);
  view.fail('down');
  assert.deepEqual(heard, ['n2', '3', 'down']);
  assert.deepEqual(bugs, [bug, bug, bug]);
});

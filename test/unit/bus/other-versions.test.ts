import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryBus } from '../../../src/bus/engines/memory.ts';
import { MemoryPeers } from '../../../src/bus/memory-peers.ts';
import { decodeEnvelope, type Envelope } from '../../../src/wire/cluster/envelope.ts';
import { clusterVectors, recordedVersions } from '../../support/cluster-vectors.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../support/fake-cluster.ts';

const patient = { deadlineMs: 60_000 };

/** A node that says only what it is given: `answer` names what it answers a question. */
async function joinStranger(cluster: FakeCluster, id: string, answer: (question: Envelope) => Buffer) {
  const peers = new MemoryPeers(cluster.hub, { id, incarnation: 99 });
  const questions: string[] = [];
  await peers.start({
    onJoin: () => {},
    onLeave: () => {},
    onTell: () => {},
    onAsk: async (_, bytes) => {
      const question = decodeEnvelope(bytes);
      questions.push(nameOf(question));
      return answer(question);
    },
  });
  return { peers, questions };
}

function nameOf(envelope: Envelope): string {
  if (envelope.type === 'batch') return envelope.kind;
  if (envelope.type !== 'note') return envelope.type;
  if (envelope.name !== 'part' && envelope.name !== 'rows') return envelope.name;
  return `${envelope.name} ${(envelope.body as { type: string }).type}`;
}

/** What `test/vectors` has an answer of `old` to: each is part of what is answered here. */
async function asksOfOperators({ execute }: FakeClusterNode): Promise<void> {
  const system = 'default';
  const target = { to: 'users', uids: ['bob'] } as const;
  const preview = await execute({ type: 'preview', system, target });
  assert.deepEqual([preview.nodes['old'], preview.missingNodes], [1, []]);
  const { items, since } = await execute({ type: 'history', system, id: 'bob' });
  const [end] = items.filter(({ node }) => node === 'old');
  assert.ok(end?.type === 'disconnected' && end.end?.delivered === 4);
  assert.ok(since['old'] !== undefined);
  const users = await execute({ type: 'listUsers', query: { system } });
  assert.deepEqual(
    users.items.map(({ uid, nodes }) => [uid, nodes]),
    [
      ['amy', ['old']],
      ['bob', ['n1', 'old']],
    ],
  );
  assert.deepEqual(await execute({ type: 'drainNode', node: 'old' }), { node: 'old', clients: 7 });
  assert.deepEqual(await execute({ type: 'resumeNode', node: 'old' }), { node: 'old', wasDrained: true });
}

for (const version of recordedVersions) {
  describe(`a node of wire version ${version}`, () => {
    const vectors = clusterVectors(version);
    const bytesOf = (name: string): Buffer => {
      const bytes = vectors.find((vector) => vector.name === name)?.lines[0];
      assert.ok(bytes !== undefined, name);
      return bytes;
    };
    const isRecorded = (file: string) => vectors.some(({ name }) => name === file);
    const answers = [
      ['pushes', 'answer-receipts'],
      ['routes', 'answer-done'],
      ['routes', 'answer-routes'],
      ['stores', 'answer-note-stores'],
      ['ping', 'answer-note-ping'],
      ['part join', 'answer-note-part-join'],
      ['part removeGroup', 'answer-note-part-remove-group'],
      ['part listConnections', 'answer-note-part-page'],
      ['part listMembers', 'answer-note-part-page'],
      ['part listClientIds', 'answer-note-part-list-client-ids'],
      ['part online', 'answer-note-part-online'],
      ['part preview', 'answer-note-part-preview'],
      ['part history', 'answer-note-part-history'],
      ['rows listUsers', 'answer-note-rows-apart'],
      ['drainNode', 'answer-note-drain-node'],
      ['resumeNode', 'answer-note-resume-node'],
      ['rows listGroups', 'answer-note-rows'],
      ['rows listSystems', 'answer-note-rows-list-systems'],
      ['kick', 'answer-note-kick'],
      ['closeSystem', 'answer-note-close-system'],
      ['arrive', 'answer-note-arrive'],
      ['stats', 'answer-note-stats'],
    ] as const;
    const answerOf = new Map<string, string>(answers.filter(([, file]) => isRecorded(file)));
    /** In the order in which a node says them; the last is the last. */
    const told = [
      ...['hello', 'routes', 'routesTold', 'keepMembers', 'notices'],
      ...['nextBroadcast', 'broadcast', 'receipts', 'broadcastHole', 'membersKept', 'membersTold', 'routesInDoubt'],
      ...['standing', 'watch', 'event', 'unwatch', 'tapOpen', 'tapTaken', 'tapped', 'tapClose', 'leaving'],
    ].flatMap((name) => {
      const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return [`tell-${kebab}`, `tell-note-${kebab}`].filter(isRecorded);
    });
    const answer = (question: Envelope) => bytesOf(answerOf.get(nameOf(question)) ?? 'answer-failure-unavailable');

    test('is understood in all it tells and asks', async () => {
      const hub = new Set<() => void>();
      const cluster = await createFakeCluster(['n1'], { createBus: () => new MemoryBus(hub) });
      const [node] = cluster.nodes;
      assert.ok(node !== undefined);
      const member = await node.login('bob');
      const reader = await node.login('carol', {}, { dialect: 'json' });
      const { peers } = await joinStranger(cluster, 'old', answer);
      for (const name of told) peers.tell('n1', bytesOf(name));
      assert.equal(told.length, vectors.filter(({ way }) => way === 'tell').length);
      await cluster.settled();
      if (version > 1) {
        // The group has no members here, and the message class is not known.
        assert.deepEqual([reader.received.length, member.received.length], [2, 2], 'what was broadcast');
        assert.deepEqual([node.standingOf('old')?.links, node.broadcastFigures?.received], [2, 1]);
      }
      let asked = 0;
      for (const { name, way, lines } of vectors) {
        if (way !== 'ask') continue;
        const { answers } = await peers.ask(['n1'], lines[0] ?? Buffer.alloc(0), patient);
        const envelope = decodeEnvelope(answers.get('n1') ?? Buffer.alloc(0));
        assert.notEqual(envelope.type, 'failure', name);
        asked += 1;
      }
      assert.ok(asked > 25);
      assert.ok(member.received.length > 0);
      assert.deepEqual(node.warnings, []);
    });

    test('is understood in all it answers', async () => {
      const cluster = await createFakeCluster(['n1']);
      const [node] = cluster.nodes;
      assert.ok(node !== undefined);
      const { peers, questions } = await joinStranger(cluster, 'old', answer);
      for (const name of ['note-hello', 'routes', 'note-routes-told']) peers.tell('n1', bytesOf(`tell-${name}`));
      await cluster.settled();
      const { execute } = node;
      const system = 'default';
      await execute({ type: 'addSystem', system: 'gone' });
      await node.login('bob', { deviceId: 'd2' });
      const message = {
        kind: 'push',
        messageId: 'f'.repeat(16),
        sendUserId: '',
        code: 0,
        msg: '',
        data: 'null',
      } as const;
      const receipt = await execute({ type: 'push', door: 'http', system, target: { to: 'system' }, message });
      assert.deepEqual([receipt.matched, receipt.missingNodes], [4, []]);
      if (version > 1) await asksOfOperators(node);
      const joining = { by: 'users', uids: ['bob'] } as const;
      const results = [
        await execute({ type: 'join', system, group: 'lobby', members: joining }),
        await execute({ type: 'online', system, uids: ['bob'] }),
        await execute({ type: 'listConnections', query: {} }),
        await execute({ type: 'listMembers', system, group: 'lobby', query: {} }),
        await execute({ type: 'listGroups', query: { system } }),
        await execute({ type: 'kick', system, target: { to: 'users', uids: ['bob'] } }),
        await execute({ type: 'removeGroup', system, group: 'lobby' }),
        await execute({ type: 'removeSystem', system: 'gone' }),
        await execute({ type: 'stats' }),
        ...(isRecorded('answer-note-rows-list-systems') ? [await execute({ type: 'listSystems', query: {} })] : []),
      ];
      for (const { missingNodes = [] } of results) assert.deepEqual(missingNodes, []);
      await node.tellStores('{}');
      await execute({ type: 'pingNode', node: 'old' });
      const ids = await execute({ type: 'listClientIds', system, group: 'lobby' });
      assert.deepEqual(ids, { clientIds: ['Y2xpZW50'] });
      const unasked = [...answerOf.keys()].filter((name) => !questions.includes(name));
      assert.deepEqual(unasked, []);
      assert.deepEqual(node.warnings, []);
    });
  });
}

describe('a node of a later version', () => {
  const note = (name: string) => Buffer.concat([Buffer.of(2, 5), Buffer.from(JSON.stringify([name, { newer: true }]))]);
  const system = 'default';
  const message = { kind: 'push', messageId: 'f'.repeat(16), sendUserId: '', code: 0, msg: '', data: 'null' } as const;
  const pushToAll = { type: 'push', door: 'http', system, target: { to: 'system' }, message } as const;

  async function strangerAt(answer: (question: Envelope) => Buffer) {
    const cluster = await createFakeCluster(['n1', 'n2']);
    const [node] = cluster.nodes;
    assert.ok(node !== undefined);
    return { cluster, node, ...(await joinStranger(cluster, 'new', answer)) };
  }

  test('that says what is not known here is answered with a failure, said once for each thing, and the rest goes on', async () => {
    const { cluster, node, peers } = await strangerAt(() => Buffer.of(2, 6));
    const unknown = [
      ['version 99, type 1', Buffer.of(99, 1, 0)],
      ['version 2, type 200', Buffer.of(2, 200)],
      ['unreadable bytes', Buffer.of(1)],
      ['a-note-of-tomorrow', note('a-note-of-tomorrow')],
    ] as const;
    for (let round = 0; round < 2; round += 1) {
      for (const [what, bytes] of unknown) {
        peers.tell('n1', bytes);
        const { answers, missing } = await peers.ask(['n1'], bytes, patient);
        const answer = decodeEnvelope(answers.get('n1') ?? Buffer.alloc(0));
        assert.ok(answer.type === 'failure' && answer.error.code === 'unavailable', what);
        assert.deepEqual(missing, []);
      }
    }
    await cluster.settled();
    assert.deepEqual(
      node.warnings,
      unknown.map(([what]) => what),
    );
    const receipt = await node.execute(pushToAll);
    assert.deepEqual(receipt.missingNodes, []);
  });

  test('may say more of what is known here: fields that are not known are passed over', async () => {
    const { node, peers } = await strangerAt(() => Buffer.of(2, 6));
    const member = await node.login('bob');
    const [vector] = clusterVectors(2).filter(({ name }) => name === 'ask-push-to-system');
    const known = vector?.lines[0];
    assert.ok(known !== undefined);
    // Field 1000 of a batch, and of the push in it: a text.
    const further = Buffer.from([0xc2, 0x3e, 3, 0x6e, 0x65, 0x77]);
    const push = decodeEnvelope(known);
    assert.ok(push.type === 'batch' && push.items[0] !== undefined);
    const item = Buffer.concat([push.items[0], further]);
    const length = Buffer.of((item.length & 0x7f) | 0x80, item.length >> 7);
    const bytes = Buffer.concat([Buffer.of(2, 1, 0x0a), length, item, further]);
    assert.ok(item.length >= 128 && item.length < 2 ** 14);
    const { answers } = await peers.ask(['n1'], bytes, patient);
    const answer = decodeEnvelope(answers.get('n1') ?? Buffer.alloc(0));
    assert.ok(answer.type === 'batch' && answer.kind === 'receipts');
    assert.equal(member.received.length, 1);
    assert.deepEqual(node.warnings, []);
  });

  test('that does not answer what it is asked as it should is named as missing, and what the others do stands', async () => {
    for (const answer of [Buffer.of(99, 1, 0), Buffer.of(2, 200), Buffer.alloc(0)]) {
      const { node } = await strangerAt(() => answer);
      const receipt = await node.execute(pushToAll);
      assert.deepEqual(receipt.missingNodes, ['new']);
      const stats = await node.execute({ type: 'stats' });
      assert.deepEqual([stats.nodes.length, stats.missingNodes], [2, ['new']]);
      assert.equal(node.warnings.length, 1);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import type { PeerNode } from '../../../../src/bus/peers.ts';
import type { Frame, FrameStream } from '../../../../src/bus/rpc/frame-stream.ts';
import { acceptHandshake, dialHandshake, type Refusal } from '../../../../src/bus/rpc/handshake.ts';
import type { WireVersions } from '../../../../src/wire/cluster/versions.ts';

/** One end of a stream: what was written is given to the other end when it is asked for. */
class End implements FrameStream {
  readonly written: Frame[] = [];
  isDestroyed = false;
  fingerprints: { own: string; other: string } | undefined;
  #onFrame: (frame: Frame, bytes: number) => void = () => {};
  #onEnd: (why: string) => void = () => {};

  certificates() {
    return this.fingerprints;
  }
  write(frame: Frame): boolean {
    this.written.push(frame);
    return true;
  }
  onDrain(): void {}
  onFrame(listener: (frame: Frame, bytes: number) => void): void {
    this.#onFrame = listener;
  }
  onEnd(listener: (why: string) => void): void {
    this.#onEnd = listener;
  }
  end(): void {}
  destroy(): void {
    this.isDestroyed = true;
  }

  hears(frame: Frame, bytes = 100): void {
    this.#onFrame(frame, bytes);
  }
  ends(): void {
    this.#onEnd('as asked for');
  }
}

const one: PeerNode = { id: 'n1', incarnation: 1 };
const two: PeerNode = { id: 'n2', incarnation: 7 };
const usual = { lowest: 1, highest: 2 };

interface SideOptions {
  readonly self?: PeerNode;
  readonly secret?: string;
  readonly versions?: WireVersions;
  readonly host?: string;
  readonly port?: number;
  readonly expected?: PeerNode;
  readonly isWanted?: (node: PeerNode) => boolean;
  readonly onOpen?: () => undefined;
  readonly certificates?: { own: string; other: string };
}

function side(kind: 'dialler' | 'dialled', options: SideOptions) {
  const stream = new End();
  stream.fingerprints = options.certificates;
  const opened: PeerNode[] = [];
  const received: unknown[] = [];
  const refusals: Refusal[] = [];
  const common = {
    ...{ versions: usual, host: '10.0.0.1', port: 1666, stream },
    ...options,
    secret: Buffer.from(options.secret ?? 'the secret'),
    onOpen:
      options.onOpen ??
      ((node: PeerNode) => {
        opened.push(node);
        return (items: readonly unknown[]) => received.push(...items);
      }),
    onRefused: (why: Refusal) => refusals.push(why),
  };
  if (kind === 'dialler') dialHandshake({ self: two, expected: one, ...common });
  else acceptHandshake({ self: one, isWanted: () => true, ...common });
  return { stream, opened, received, refusals };
}

/** Both sides, until neither has anything more to say. */
function shake(dialler: SideOptions = {}, dialled: SideOptions = {}) {
  const [a, b] = [side('dialler', dialler), side('dialled', dialled)];
  for (let round = 0; round < 3; round += 1) {
    for (const frame of a.stream.written.splice(0)) b.stream.hears(frame);
    for (const frame of b.stream.written.splice(0)) a.stream.hears(frame);
  }
  // Whoever is cut ends the timers of both.
  a.stream.ends();
  b.stream.ends();
  return { a, b };
}

const opens = ({ a, b }: ReturnType<typeof shake>) => [a.opened.length, b.opened.length];

describe('the handshake of two nodes', () => {
  test('opens for both where they have the secret, the address and a version in common', () => {
    const { a, b } = shake();
    assert.deepEqual(a.opened, [{ ...one, version: 2 }]);
    assert.deepEqual(b.opened, [{ ...two, version: 2 }]);
    assert.deepEqual([a.stream.isDestroyed, b.stream.isDestroyed], [false, false]);
  });

  test('ends with the highest version that both know', () => {
    const pairs = [
      [{ lowest: 1, highest: 1 }, usual, 1],
      [usual, { lowest: 1, highest: 1 }, 1],
      [{ lowest: 2, highest: 3 }, usual, 2],
      [usual, { lowest: 2, highest: 9 }, 2],
      [{ lowest: 3, highest: 3 }, { lowest: 2, highest: 4 }, 3],
    ] as const;
    for (const [mine, theirs, version] of pairs) {
      const { a, b } = shake({ versions: mine }, { versions: theirs });
      assert.deepEqual([a.opened[0]?.version, b.opened[0]?.version], [version, version]);
    }
  });

  test('without a version in common both say which the other speaks, and what to do', () => {
    const { a, b } = shake({ versions: { lowest: 3, highest: 4 } });
    assert.deepEqual(opens({ a, b }), [0, 0]);
    assert.deepEqual([a.stream.isDestroyed, b.stream.isDestroyed], [true, true]);
    assert.match(a.refusals[0]?.what ?? '', /speaks versions 1 to 2 .* this node 3 to 4/);
    assert.match(b.refusals[0]?.what ?? '', /speaks versions 3 to 4 .* this node 1 to 2/);
    for (const { refusals } of [a, b]) assert.match(refusals[0]?.hint ?? '', /upgrade/);
  });

  test('comes to nothing over another secret, host, port or certificate', () => {
    const own = { own: 'A', other: 'B' };
    const cases: readonly (readonly [SideOptions, SideOptions])[] = [
      [{ secret: 'another' }, {}],
      [{ host: '10.0.0.2' }, {}],
      [{ port: 1667 }, {}],
      [{ certificates: own }, {}],
      [{ certificates: own }, { certificates: { own: 'C', other: 'A' } }],
      [{ certificates: own }, { certificates: own }],
    ];
    for (const [mine, theirs] of cases) {
      const { a, b } = shake(mine, theirs);
      assert.deepEqual(opens({ a, b }), [0, 0], JSON.stringify([mine, theirs]));
      assert.match(a.refusals[0]?.what ?? '', /secret/);
    }
    assert.deepEqual(opens(shake({ certificates: own }, { certificates: { own: 'B', other: 'A' } })), [1, 1]);
  });

  test('the one who dials shows nothing to another node, or to another start of that node', () => {
    for (const expected of [
      { id: 'n9', incarnation: 1 },
      { id: 'n1', incarnation: 2 },
      { id: 'n1', incarnation: 0 },
    ]) {
      const { a, b } = shake({ expected });
      assert.deepEqual([a.opened, b.opened, a.stream.isDestroyed], [[], [], true]);
      assert.equal(a.refusals.length, expected.id === 'n9' ? 1 : 0);
    }
  });

  test('the one who is dialled takes nobody by its own name, and nobody it does not want', () => {
    for (const [mine, theirs] of [
      [{ self: { id: 'n1', incarnation: 7 } }, {}],
      [{}, { isWanted: () => false }],
    ] as const) {
      const { stream, opened } = side('dialled', theirs);
      const { stream: dialling } = side('dialler', mine);
      stream.hears(dialling.written[0] ?? {});
      assert.deepEqual([stream.written, opened, stream.isDestroyed], [[], [], true]);
      stream.ends();
      dialling.ends();
    }
  });

  test('who is not wanted in the end is cut off', () => {
    for (const which of ['dialler', 'dialled'] as const) {
      const none = { onOpen: () => undefined };
      const { a, b } = shake(which === 'dialler' ? none : {}, which === 'dialled' ? none : {});
      assert.equal((which === 'dialler' ? a : b).stream.isDestroyed, true);
    }
  });

  const nonce = Buffer.alloc(32, 1);
  const hello = { version: 1, node: 'n2', incarnation: 7, nonce };

  test('a hello may be of version 1, and have a long name', () => {
    for (const good of [hello, { ...hello, highest: 2 }, { ...hello, node: 'x'.repeat(255) }]) {
      const { stream } = side('dialled', {});
      stream.hears({ hello: good });
      assert.deepEqual([stream.isDestroyed, stream.written.length], [false, 1]);
      stream.ends();
    }
  });

  test('a hello that is none is cut off without a word', () => {
    const bad: readonly Frame[] = [
      {},
      { items: [{ payload: Buffer.from('x') }] },
      { proof: Buffer.alloc(32) },
      { hello: { ...hello, version: 0 } },
      { hello: { ...hello, version: 3, highest: 2 } },
      { hello: { ...hello, node: '' } },
      { hello: { ...hello, node: 'x'.repeat(256) } },
      { hello: { ...hello, incarnation: 1.5 } },
      { hello: { ...hello, incarnation: 2 ** 53 } },
      { hello: { ...hello, incarnation: Number.NaN } },
      { hello: { ...hello, nonce: Buffer.alloc(31) } },
      { hello: { ...hello, nonce: Buffer.alloc(33) } },
      { hello: { ...hello, nonce: Buffer.alloc(0) } },
    ];
    for (const frame of bad) {
      const { stream } = side('dialled', {});
      stream.hears(frame);
      assert.deepEqual([stream.isDestroyed, stream.written], [true, []], JSON.stringify(frame));
      stream.hears({ hello });
      assert.deepEqual(stream.written, [], 'it is over');
    }
  });

  test('a hello or a proof that is as long as something else is not read', () => {
    const { stream } = side('dialled', {});
    stream.hears({ hello }, 4097);
    assert.deepEqual([stream.isDestroyed, stream.written], [true, []]);
  });

  test('items are taken after the proof and not before it', () => {
    const { stream, received, opened } = side('dialled', {});
    stream.hears({ hello });
    stream.hears({ items: [{ id: 1 }] });
    assert.deepEqual([stream.isDestroyed, received, opened], [true, [], []]);
    const { a, b } = shake();
    for (const each of [a, b]) {
      each.stream.hears({ items: [{ id: 2 }] }, 100_000);
      assert.deepEqual(each.received, []);
    }
    const open = shakeOpen();
    open.stream.hears({ items: [{ id: 2 }] }, 100_000);
    assert.deepEqual(open.received, [{ id: 2 }]);
    open.stream.ends();
  });

  /** The dialled side of a handshake that is done, and goes on. */
  function shakeOpen() {
    const [a, b] = [side('dialler', {}), side('dialled', {})];
    for (let round = 0; round < 2; round += 1) {
      for (const frame of a.stream.written.splice(0)) b.stream.hears(frame);
      for (const frame of b.stream.written.splice(0)) a.stream.hears(frame);
    }
    a.stream.ends();
    return b;
  }

  test('who is silent is cut off after two seconds, whichever step is missing; who is done never', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const dialling = side('dialler', {});
      const silent = side('dialled', {});
      const halfway = side('dialled', {});
      halfway.stream.hears({ hello });
      const done = shakeOpen();
      const all = [dialling, silent, halfway, done];
      mock.timers.tick(1999);
      assert.deepEqual(
        all.map(({ stream }) => stream.isDestroyed),
        [false, false, false, false],
      );
      mock.timers.tick(1);
      assert.deepEqual(
        all.map(({ stream }) => stream.isDestroyed),
        [true, true, true, false],
      );
    } finally {
      mock.timers.reset();
    }
  });
});

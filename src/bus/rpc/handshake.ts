import { randomBytes } from 'node:crypto';
import type { PeerNode } from '../peers.ts';
import type { Frame, FrameStream } from './frame-stream.ts';
import type { Item } from './parcels.ts';
import { type Introduction, isProof, proofOf } from './proofs.ts';

const protocolVersion = 1;
const nonceBytes = 32;
const longestName = 255;
const deadlineMs = 2000;

export interface HandshakeOptions {
  readonly self: PeerNode;
  readonly secret: Buffer;
  /** That was dialled. */
  readonly port: number;
  readonly stream: FrameStream;
  /** Both sides have proved themselves; answers who takes what comes from now on. Undefined: the node is not wanted. */
  readonly onOpen: (node: PeerNode) => ((items: readonly Item[]) => void) | undefined;
}

/** The side that dials: it says who it is, and shows that it knows the secret only to somebody who has shown it first. */
export function dialHandshake(options: HandshakeOptions & { readonly expected: PeerNode }): void {
  const { self, secret, port, stream, expected } = options;
  const dialler = introductionOf(self);
  const begin = createSteps(stream, ({ hello, proof }) => {
    const dialled = readHello(hello);
    if (dialled?.node !== expected.id || dialled.incarnation !== expected.incarnation) return undefined;
    const handshake = { dialler, dialled, port };
    if (!isProof(proof ?? undefined, proofOf('dialled', secret, handshake))) return undefined;
    stream.write({ proof: proofOf('dialler', secret, handshake) });
    return options.onOpen(expected);
  });
  begin();
  stream.write({ hello: { version: protocolVersion, ...dialler } });
}

/** The side that is dialled. */
export function acceptHandshake({ self, secret, port, stream, onOpen }: HandshakeOptions): void {
  const dialled = introductionOf(self);
  let dialler: Introduction | undefined;
  const begin = createSteps(stream, ({ hello, proof }) => {
    if (dialler === undefined) {
      dialler = readHello(hello);
      if (dialler === undefined || dialler.node === self.id) return undefined;
      stream.write({
        hello: { version: protocolVersion, ...dialled },
        proof: proofOf('dialled', secret, { dialler, dialled, port }),
      });
      return 'more';
    }
    if (!isProof(proof ?? undefined, proofOf('dialler', secret, { dialler, dialled, port }))) return undefined;
    return onOpen({ id: dialler.node, incarnation: dialler.incarnation });
  });
  begin();
}

type Receive = (items: readonly Item[]) => void;

/** Whoever is silent, or says what it should not, is cut off. */
function createSteps(stream: FrameStream, step: (frame: Frame) => Receive | 'more' | undefined): () => void {
  return () => {
    let receive: Receive | undefined;
    let isOver = false;
    const cut = () => {
      isOver = true;
      clearTimeout(timer);
      stream.destroy();
    };
    const timer = setTimeout(cut, deadlineMs);
    stream.onFrame((frame) => {
      if (isOver) return;
      if (receive !== undefined) return receive(frame.items ?? []);
      const next = step(frame);
      if (next === undefined) return cut();
      if (next === 'more') return;
      clearTimeout(timer);
      receive = next;
    });
    stream.onEnd(() => {
      isOver = true;
      clearTimeout(timer);
    });
  };
}

function introductionOf({ id, incarnation }: PeerNode): Introduction {
  return { node: id, incarnation, nonce: randomBytes(nonceBytes) };
}

function readHello(hello: Frame['hello']): Introduction | undefined {
  const { version, nonce } = hello ?? {};
  const node = hello?.node ?? '';
  const incarnation = hello?.incarnation ?? 0;
  if (version !== protocolVersion || nonce?.length !== nonceBytes) return undefined;
  if (node === '' || node.length > longestName || !Number.isSafeInteger(incarnation)) return undefined;
  return { node, incarnation, nonce };
}

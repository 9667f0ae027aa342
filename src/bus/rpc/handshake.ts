import { randomBytes } from 'node:crypto';
import { commonVersion, spellVersions, type WireVersions } from '../../wire/cluster/versions.ts';
import type { PeerNode } from '../peers.ts';
import type { Frame, FrameStream } from './frame-stream.ts';
import type { Item } from './parcels.ts';
import { type Handshake, type Introduction, isProof, proofOf } from './proofs.ts';

const nonceBytes = 32;
const longestName = 255;
/** A hello or a proof, on the wire. */
const largestFrameBytes = 4096;
const deadlineMs = 2000;

export interface HandshakeOptions {
  readonly self: PeerNode;
  readonly secret: Buffer;
  readonly versions: WireVersions;
  /** That was dialled, as the dialled node tells it to the others. */
  readonly host: string;
  readonly port: number;
  readonly stream: FrameStream;
  /** Both sides have proved themselves; answers who takes what comes from now on. Undefined: the node is not wanted. */
  readonly onOpen: (node: PeerNode) => Receive | undefined;
  /** For the log: what is the matter with the other side, and what to do. */
  readonly onRefused: (why: Refusal) => void;
}

export interface Refusal {
  /** Short, the same for all of its kind. */
  readonly what: string;
  readonly hint: string;
}

export type Receive = (items: readonly Item[]) => void;

/** The side that dials: it says who it is, and shows that it knows the secret only to somebody who has shown it first. */
export function dialHandshake(options: HandshakeOptions & { readonly expected: PeerNode }): void {
  const { self, secret, versions, stream, expected, onRefused } = options;
  const dialler = introductionOf(self, versions);
  const begin = createSteps(stream, ({ hello, proof }) => {
    const dialled = readHello(hello);
    if (dialled === undefined) return undefined;
    if (dialled.node !== expected.id) {
      const hint = 'see to it that each node has an address of its own: cluster.advertise';
      onRefused({ what: `another node answers there: ${JSON.stringify(dialled.node)}`, hint });
      return undefined;
    }
    // It has been started again, and is listed as such in a moment.
    if (dialled.incarnation !== expected.incarnation) return undefined;
    const handshake = agree(options, dialler, dialled);
    if (typeof handshake === 'string') return refuseVersions(onRefused, handshake);
    if (!isProof(proof ?? undefined, proofOf('dialled', secret, handshake))) return refuseSecret(onRefused);
    stream.write({ proof: proofOf('dialler', secret, handshake) });
    return options.onOpen({ id: expected.id, incarnation: expected.incarnation, version: handshake.version });
  });
  begin();
  stream.write({ hello: helloOf(dialler) });
}

/** The side that is dialled. `isWanted`: before anything is proved. */
export function acceptHandshake(options: HandshakeOptions & { readonly isWanted: (node: PeerNode) => boolean }): void {
  const { self, secret, versions, stream, isWanted, onRefused } = options;
  const dialled = introductionOf(self, versions);
  let handshake: Handshake | undefined;
  const begin = createSteps(stream, ({ hello, proof }) => {
    if (handshake === undefined) {
      const dialler = readHello(hello);
      if (dialler === undefined || dialler.node === self.id) return undefined;
      if (!isWanted({ id: dialler.node, incarnation: dialler.incarnation })) return undefined;
      const agreed = agree(options, dialler, dialled);
      if (typeof agreed === 'string') {
        stream.write({ hello: helloOf(dialled) });
        return refuseVersions(onRefused, agreed);
      }
      handshake = agreed;
      stream.write({ hello: helloOf(dialled), proof: proofOf('dialled', secret, handshake) });
      return 'more';
    }
    if (!isProof(proof ?? undefined, proofOf('dialler', secret, handshake))) return refuseSecret(onRefused);
    const { node, incarnation } = handshake.dialler;
    return options.onOpen({ id: node, incarnation, version: handshake.version });
  });
  begin();
}

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
    stream.onFrame((frame, bytes) => {
      if (isOver) return;
      if (receive !== undefined) return receive(frame.items ?? []);
      const next = bytes > largestFrameBytes ? undefined : step(frame);
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

/** In words where the two speak no version in common. */
function agree(options: HandshakeOptions, dialler: Introduction, dialled: Introduction): Handshake | string {
  const { self, host, port, stream } = options;
  const version = commonVersion(dialler.versions, dialled.versions);
  if (version === undefined) {
    const [own, other] = dialler.node === self.id ? [dialler, dialled] : [dialled, dialler];
    return `it speaks versions ${spellVersions(other.versions)} of what nodes say to each other, this node ${spellVersions(own.versions)}`;
  }
  const { own, other } = stream.certificates() ?? {};
  const certificates = own === undefined || other === undefined ? [] : [own, other];
  if (dialler.node !== self.id) certificates.reverse();
  return { dialler, dialled, host, port, version, certificates };
}

function refuseVersions(onRefused: HandshakeOptions['onRefused'], what: string): undefined {
  const hint = 'upgrade one release after the other: neighbouring releases understand each other';
  onRefused({ what, hint });
}

function refuseSecret(onRefused: HandshakeOptions['onRefused']): undefined {
  const hint = 'set the same cluster.secret on all nodes, and see to it that nothing ends their connections in between';
  onRefused({
    what: 'it does not know the secret of this cluster, or was reached by another address than it says',
    hint,
  });
}

function introductionOf({ id, incarnation }: PeerNode, versions: WireVersions): Introduction {
  return { node: id, incarnation, nonce: randomBytes(nonceBytes), versions };
}

function helloOf({
  node,
  incarnation,
  nonce,
  versions: { lowest, highest },
}: Introduction): NonNullable<Frame['hello']> {
  return { version: lowest, node, incarnation, nonce, ...(highest !== lowest && { highest }) };
}

function readHello(hello: Frame['hello']): Introduction | undefined {
  const { nonce } = hello ?? {};
  const node = hello?.node ?? '';
  const incarnation = hello?.incarnation ?? 0;
  const lowest = hello?.version ?? 0;
  const highest = hello?.highest || lowest;
  if (lowest < 1 || highest < lowest || nonce?.length !== nonceBytes) return undefined;
  if (node === '' || node.length > longestName || !Number.isSafeInteger(incarnation)) return undefined;
  return { node, incarnation, nonce, versions: { lowest, highest } };
}

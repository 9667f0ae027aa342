import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WireVersions } from '../../wire/cluster/versions.ts';

/** What each side of a handshake has said of itself. */
export interface Introduction {
  readonly node: string;
  readonly incarnation: number;
  readonly nonce: Uint8Array;
  readonly versions: WireVersions;
}

export interface Handshake {
  readonly dialler: Introduction;
  readonly dialled: Introduction;
  /** That was dialled: who stands between with an address of its own cannot hand the proofs on. */
  readonly host: string;
  readonly port: number;
  /** That the two speak. */
  readonly version: number;
  /** SHA-256 of the certificates of the channel, that of the dialler first: who ends TLS in between cannot hand the proofs on. Empty without TLS. */
  readonly certificates: readonly string[];
}

/** A proof that this side knows the secret, good for this handshake alone. The secret itself is never sent. */
export function proofOf(side: 'dialler' | 'dialled', secret: Buffer, handshake: Handshake): Buffer {
  const transcript = handshake.version === 1 ? transcriptOf1(side, handshake) : transcriptOf(side, handshake);
  return createHmac('sha256', secret).update(JSON.stringify(transcript)).digest();
}

export function isProof(shown: Uint8Array | undefined, expected: Buffer): boolean {
  return shown !== undefined && shown.length === expected.length && timingSafeEqual(shown, expected);
}

function transcriptOf1(side: string, { dialler, dialled, port }: Handshake): readonly unknown[] {
  return ['yunque.rpc/1', side, port, said(dialler), said(dialled)];
}

function transcriptOf(side: string, { dialler, dialled, host, port, version, certificates }: Handshake) {
  const all = ({ versions, ...rest }: Introduction) => [...said(rest), versions.lowest, versions.highest];
  return ['yunque.rpc/2', side, version, host, port, all(dialler), all(dialled), certificates];
}

function said({ node, incarnation, nonce }: Omit<Introduction, 'versions'>): readonly unknown[] {
  return [node, incarnation, Buffer.from(nonce).toString('base64')];
}

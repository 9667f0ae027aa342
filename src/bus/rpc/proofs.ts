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
  return createHmac('sha256', secret)
    .update(JSON.stringify(transcriptOf(side, handshake)))
    .digest();
}

export function isProof(shown: Uint8Array | undefined, expected: Buffer): boolean {
  return shown !== undefined && shown.length === expected.length && timingSafeEqual(shown, expected);
}

function transcriptOf(side: string, { dialler, dialled, host, port, version, certificates }: Handshake) {
  return ['yunque.rpc/2', side, version, host, port, said(dialler), said(dialled), certificates];
}

function said({ node, incarnation, nonce, versions }: Introduction): readonly unknown[] {
  return [node, incarnation, Buffer.from(nonce).toString('base64'), versions.lowest, versions.highest];
}

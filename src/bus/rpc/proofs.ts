import { createHmac, timingSafeEqual } from 'node:crypto';

/** What each side of a handshake has said of itself. */
export interface Introduction {
  readonly node: string;
  readonly incarnation: number;
  readonly nonce: Uint8Array;
}

export interface Handshake {
  readonly dialler: Introduction;
  readonly dialled: Introduction;
  /** That was dialled: who stands between with a port of its own cannot hand the proofs on. */
  readonly port: number;
}

/** A proof that this side knows the secret, good for this handshake alone. The secret itself is never sent. */
export function proofOf(side: 'dialler' | 'dialled', secret: Buffer, { dialler, dialled, port }: Handshake): Buffer {
  const said = ({ node, incarnation, nonce }: Introduction) => [
    node,
    incarnation,
    Buffer.from(nonce).toString('base64'),
  ];
  const transcript = JSON.stringify(['yunque.rpc/1', side, port, said(dialler), said(dialled)]);
  return createHmac('sha256', secret).update(transcript).digest();
}

export function isProof(shown: Uint8Array | undefined, expected: Buffer): boolean {
  return shown !== undefined && shown.length === expected.length && timingSafeEqual(shown, expected);
}

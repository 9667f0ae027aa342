import * as ws from 'ws';

interface SenderOptions {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly mask: boolean;
  readonly readOnly: boolean;
}

/** The frame that `ws` makes around a payload on the server's side. `@types/ws` leaves `Sender` out. */
export function wsFrame(payload: Buffer, opcode: number): Buffer {
  const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: SenderOptions): Buffer[] } };
  return Buffer.concat(Sender.frame(payload, { fin: true, rsv1: false, opcode, mask: false, readOnly: true }));
}

export interface CutText {
  readonly text: string;
  /** UTF-8, of the whole. */
  readonly bytes: number;
  readonly isCut: boolean;
}

/** At most `most` bytes of UTF-8, no character in halves. */
export function cutText(text: string, most: number): CutText {
  const bytes = Buffer.byteLength(text);
  if (bytes <= most) return { text, bytes, isCut: false };
  // A character takes one byte or more.
  const head = Buffer.from(text.slice(0, most));
  let end = Math.min(most, head.length);
  while (end > 0 && isContinuation(head[end])) end -= 1;
  return { text: head.toString('utf8', 0, end), bytes, isCut: true };
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** What is left over between two chunks of one connection: the beginning of a frame. */
export interface ScanState {
  rest: Buffer | undefined;
  restLength: number;
}

export function createScanState(): ScanState {
  return { rest: undefined, restLength: 0 };
}

/** A whole frame of a server (RFC 6455 section 5.2): its first byte, and where its payload lies. The bytes are good for the call only. */
export type OnFrame = (bytes: Buffer, from: number, to: number, firstByte: number) => void;

const longestHead = 10;
/** A frame that is longer cannot be of a server under test: its length was misread. */
export const mostFrameBytes = 256 * 1024 * 1024;

/**
 * Finds the frames in the first `length` bytes of `chunk`, wherever the network cut them. Only a frame that lies across two chunks is copied. Throws
 * RangeError for a frame beyond `mostFrameBytes`.
 */
export function scanFrames(state: ScanState, chunk: Buffer, length: number, onFrame: OnFrame): void {
  let at = state.restLength === 0 ? 0 : finishFrame(state, chunk, length, onFrame);
  while (length - at >= 2) {
    const short = (chunk[at + 1] as number) & 0x7f;
    let from = at + 2;
    let size = short;
    if (short >= 126) {
      from = at + (short === 126 ? 4 : longestHead);
      if (from > length) break;
      size = short === 126 ? ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number) : longSize(chunk, at);
    }
    const to = from + size;
    if (to > length) break;
    onFrame(chunk, from, to, chunk[at] as number);
    at = to;
  }
  if (at < length) keep(state, chunk, at, length);
}

function longSize(bytes: Buffer, at: number): number {
  const size = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  if (size > mostFrameBytes) throw new RangeError(`a frame of ${size} bytes`);
  return size;
}

/** Of the frame at `at`, head included; 0 while its head is incomplete. */
function frameLength(bytes: Buffer, at: number, end: number): number {
  const head = headLength(bytes, at, end);
  if (head === 0 || end - at < head) return 0;
  if (head === 2) return 2 + ((bytes[at + 1] as number) & 0x7f);
  return head === 4 ? 4 + bytes.readUInt16BE(at + 2) : longestHead + longSize(bytes, at);
}

/** 0 while even that is unknown. */
function headLength(bytes: Buffer, at: number, end: number): number {
  if (end - at < 2) return 0;
  const short = (bytes[at + 1] as number) & 0x7f;
  return short < 126 ? 2 : short === 126 ? 4 : longestHead;
}

/** Fills the frame that was left over; answers where the next one begins. */
function finishFrame(state: ScanState, chunk: Buffer, length: number, onFrame: OnFrame): number {
  let at = 0;
  let rest = room(state, longestHead);
  while (at < length && frameLength(rest, 0, state.restLength) === 0) rest[state.restLength++] = chunk[at++] as number;
  const total = frameLength(rest, 0, state.restLength);
  if (total === 0) return length;
  rest = room(state, total);
  const end = Math.min(length, at + total - state.restLength);
  chunk.copy(rest, state.restLength, at, end);
  state.restLength += end - at;
  if (state.restLength < total) return length;
  state.restLength = 0;
  onFrame(rest, headLength(rest, 0, total), total, rest[0] as number);
  return end;
}

function keep(state: ScanState, chunk: Buffer, at: number, end: number): void {
  const rest = room(state, Math.max(longestHead, frameLength(chunk, at, end)));
  chunk.copy(rest, 0, at, end);
  state.restLength = end - at;
}

function room(state: ScanState, bytes: number): Buffer {
  if (state.rest !== undefined && state.rest.length >= bytes) return state.rest;
  const larger = Buffer.allocUnsafeSlow(Math.max(256, bytes));
  state.rest?.copy(larger, 0, 0, state.restLength);
  state.rest = larger;
  return larger;
}

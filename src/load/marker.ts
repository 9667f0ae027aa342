/**
 * What a measured message carries in its text, ASCII of a fixed width that every dialect passes through as it is:
 *
 *     magic 8 | target 4 | lane 2 | sequence 5 | time 6
 *
 * `magic` is `~`, six random characters of the run, `~`. The numbers are big-endian in 6-bit digits of the base64url alphabet, which needs no escape
 * in JSON, however deep it is nested. A stream is one lane (a connection that sends) to one target (everyone, a group, a user); `sequence` counts its
 * messages from 0. `time` is when the message was meant to be sent, in microseconds since the run's epoch.
 */
export interface Mark {
  readonly target: number;
  readonly lane: number;
  readonly sequence: number;
  readonly timeMicros: number;
}

export const magicLength = 8;
export const markLength = 25;
export const mostTargets = 2 ** 24;
export const mostLanes = 2 ** 12;

const targetAt = magicLength;
const laneAt = targetAt + 4;
const sequenceAt = laneAt + 2;
const timeAt = sequenceAt + 5;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const codes = Uint8Array.from(alphabet, (each) => each.charCodeAt(0));

const values = new Uint8Array(256);
for (const [value, code] of codes.entries()) values[code] = value;

/** Of a run; `random` gives numbers from 0 to 1. */
export function createMagic(random: () => number): string {
  const nonce = Array.from({ length: magicLength - 2 }, () => alphabet[Math.floor(random() * 64)]);
  return `~${nonce.join('')}~`;
}

export function markText(magic: string, { target, lane, sequence, timeMicros }: Mark): string {
  return magic + digits(target, 4) + digits(lane, 2) + digits(sequence, 5) + digits(timeMicros, 6);
}

function digits(value: number, width: number): string {
  let text = '';
  let rest = value;
  for (let at = 0; at < width; at++) {
    text = alphabet.charAt(rest % 64) + text;
    rest = Math.floor(rest / 64);
  }
  return text;
}

/** Whether the mark's magic is at `at`; the caller has seen that `markLength` bytes are there. */
export function isMarkAt(bytes: Uint8Array, at: number, magic: Uint8Array): boolean {
  return (
    bytes[at + 1] === magic[1] &&
    bytes[at + 2] === magic[2] &&
    bytes[at + 3] === magic[3] &&
    bytes[at + 4] === magic[4] &&
    bytes[at + 5] === magic[5] &&
    bytes[at + 6] === magic[6] &&
    bytes[at] === magic[0] &&
    bytes[at + 7] === magic[7]
  );
}

// One function a field, read in place: a receiver does this millions of times a second.

export function targetOfMark(bytes: Uint8Array, at: number): number {
  return (digit(bytes, at + targetAt) << 18) | three(bytes, at + targetAt + 1);
}

export function laneOfMark(bytes: Uint8Array, at: number): number {
  return (digit(bytes, at + laneAt) << 6) | digit(bytes, at + laneAt + 1);
}

export function sequenceOfMark(bytes: Uint8Array, at: number): number {
  return (
    (digit(bytes, at + sequenceAt) << 24) |
    (digit(bytes, at + sequenceAt + 1) << 18) |
    three(bytes, at + sequenceAt + 2)
  );
}

export function timeOfMark(bytes: Uint8Array, at: number): number {
  return three(bytes, at + timeAt) * 2 ** 18 + three(bytes, at + timeAt + 3);
}

function three(bytes: Uint8Array, at: number): number {
  return (digit(bytes, at) << 12) | (digit(bytes, at + 1) << 6) | digit(bytes, at + 2);
}

function digit(bytes: Uint8Array, at: number): number {
  return values[bytes[at] as number] as number;
}

import type { cim } from './proto/messages.js';

/** What the generated code holds an int64 in. */
type Long = cim.Message['id'];

const word = 0x1_0000_0000;
const safeHigh = 0x20_0000;

/** The lowest 64 bits. Of `Long`, protobufjs reads and needs only the halves (its interface of the same name). */
export function toLong(value: bigint): Long {
  const number = Number(value);
  const halves = Number.isSafeInteger(number)
    ? { low: number | 0, high: Math.floor(number / word) | 0, unsigned: false }
    : {
        low: Number(BigInt.asIntN(32, value)),
        high: Number(BigInt.asIntN(32, value >> 32n)),
        unsigned: false,
      };
  return halves as Long;
}

export function fromLong({ low, high }: Long): bigint {
  return high >= -safeHigh && high < safeHigh
    ? BigInt(high * word + (low >>> 0))
    : (BigInt(high) << 32n) | BigInt(low >>> 0);
}

const least = -(2n ** 63n);
const greatest = 2n ** 63n - 1n;

/** An int64 in decimal digits; undefined for other text and for numbers beyond 64 bits. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= least && value <= greatest ? value : undefined;
}

/** A JSON number where every reader gets the same value out of it, else a string. */
export function int64Json(value: bigint): string {
  return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
}

import { pick, pickOf } from '../support/random.ts';
import type { Random } from './target.ts';

/** Pieces that parsers of text tend to stumble over. */
export const oddPieces = [
  ...['\0', '"', '\\', '\\u', '\\ud800', '\\u0000', '{', '}', '[', ']', ',', ':', 'null', 'true', '-', '0', '1e999'],
  ...['9007199254740993', '-9223372036854775809', '"__proto__":', '"constructor":', '\u2028', '\ufeff', '云雀', '👩‍🚀'],
  ...[
    ' ',
    '\t',
    '\r\n',
    '\n',
    '%',
    '%00',
    '%2f',
    '%ff',
    '..',
    '//',
    '?',
    '&',
    '=',
    '#',
    ';',
    '*',
    '|',
    '<',
    '>',
    '~',
    '!',
  ],
].map((text) => Buffer.from(text));

/** A sample with up to `most` things done to it: bytes changed, cut, doubled, moved, pieces put in, another's end taken. */
export function mutate(
  random: Random,
  samples: readonly Buffer[],
  pieces: readonly Buffer[] = oddPieces,
  most = 4,
): Buffer {
  let bytes = sampleOf(random, samples);
  for (let n = pick(random, most + 1); n > 0; n--) bytes = mutateOnce(random, bytes, samples, pieces);
  return bytes;
}

export function sampleOf(random: Random, samples: readonly Buffer[]): Buffer {
  return Buffer.from(samples[pick(random, samples.length)] ?? Buffer.alloc(0));
}

function mutateOnce(random: Random, bytes: Buffer, samples: readonly Buffer[], pieces: readonly Buffer[]): Buffer {
  const at = pick(random, bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + pick(random, random() < 0.8 ? 8 : bytes.length + 1));
  const [head, middle, tail] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (pick(random, 9)) {
    case 0:
      return Buffer.concat([head, noise(random, middle.length), tail]);
    case 1:
      return flipBit(random, bytes);
    case 2:
      return Buffer.concat([head, tail]);
    case 3:
      return Buffer.concat([head, middle, middle, tail]);
    case 4:
      return Buffer.concat([head, ...repeated(random, middle), tail]);
    case 5:
      return Buffer.concat([head, ...repeated(random, sampleOf(random, pieces)), middle, tail]);
    case 6:
      return Buffer.concat([head, sampleOf(random, pieces), tail]);
    case 7:
      return Buffer.concat([head, sampleOf(random, samples).subarray(at)]);
    default:
      return Buffer.concat([head, noise(random, 1 + pick(random, 8)), middle, tail]);
  }
}

/** Now and then enough of it to find what grows with the square of its input. */
function repeated(random: Random, piece: Buffer): Buffer[] {
  const times = random() < 0.02 ? 2000 : 1 + pick(random, 40);
  return new Array(times * piece.length > 100_000 ? 1 : times).fill(piece);
}

export function noise(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = pick(random, 256);
  return bytes;
}

function flipBit(random: Random, bytes: Buffer): Buffer {
  const at = pick(random, bytes.length);
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(random, 8));
  return bytes;
}

const scalars = [
  ...['null', 'true', 'false', '0', '-0', '1', '-1', '1.0', '1e400', '9007199254740993', '1e3', '""', '"a"', '"云"'],
  ...['"\\ud800"', '"\\u0000"', '"9223372036854775807"', '"9223372036854775808"', '"default"', '"alice"', '"hall"'],
] as [string, ...string[]];

/** JSON text of its own making, whose members are mostly called by one of `names`. */
export function makeJson(random: Random, names: readonly string[], depth = 4): string {
  const kind = depth <= 0 ? 0 : pick(random, 4);
  if (kind <= 1) return pickOf(random, scalars);
  const size = pick(random, 5);
  const space = random() < 0.1 ? ' ' : '';
  if (kind === 2)
    return `[${Array.from({ length: size }, () => makeJson(random, names, depth - 1)).join(`${space},`)}]`;
  const members = Array.from({ length: size }, () => {
    const name = random() < 0.9 ? names[pick(random, names.length)] : pickOf(random, ['__proto__', '', 'x', '\n']);
    return `${JSON.stringify(name ?? '')}:${space}${makeJson(random, names, depth - 1)}`;
  });
  return `{${members.join(',')}}`;
}

/**
 * Reads a finished macOS executable for the tests. Written apart from the build's own code, from Apple's headers
 * (`mach-o/loader.h`, `mach-o/fixup-chains.h`, xnu `cs_blobs.h`), so that the two can disagree.
 */
import { createHash } from 'node:crypto';

export interface ReadSection {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

export interface ReadSegment {
  readonly name: string;
  readonly address: number;
  readonly memoryBytes: number;
  readonly offset: number;
  readonly fileBytes: number;
  readonly sections: readonly ReadSection[];
}

/** Something that a load command says lies in `__LINKEDIT`. */
export interface ReadPiece {
  readonly what: string;
  readonly offset: number;
  readonly size: number;
}

export interface ReadMachO {
  readonly bytes: Buffer;
  readonly segments: readonly ReadSegment[];
  readonly pieces: readonly ReadPiece[];
  readonly commandsEnd: number;
}

export function readMachO(bytes: Buffer): ReadMachO {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u32 = (at: number) => view.getUint32(at, true);
  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  const text = (at: number) => bytes.toString('latin1', at, at + 16).replace(/\0.*$/s, '');
  if (u32(0) !== 0xfeedfacf) throw new Error('no 64-bit Mach-O');
  const segments: ReadSegment[] = [];
  const pieces: ReadPiece[] = [];
  let at = 32;
  for (let index = 0; index < u32(16); index++) {
    const type = u32(at);
    if (type === 0x19) {
      const sections = Array.from({ length: u32(at + 64) }, (_, section) => {
        const place = at + 72 + section * 80;
        return { name: text(place), size: u64(place + 40), offset: u32(place + 48) };
      });
      segments.push({
        name: text(at + 8),
        address: u64(at + 24),
        memoryBytes: u64(at + 32),
        offset: u64(at + 40),
        fileBytes: u64(at + 48),
        sections,
      });
    } else if (type === 0x2) {
      pieces.push({ what: 'symbols', offset: u32(at + 8), size: u32(at + 12) * 16 });
      pieces.push({ what: 'symbol names', offset: u32(at + 16), size: u32(at + 20) });
    } else if (type === 0xb) {
      pieces.push({ what: 'indirect symbols', offset: u32(at + 56), size: u32(at + 60) * 4 });
    } else if (u32(at + 4) === 16 && linkedit.has(type)) {
      pieces.push({ what: linkedit.get(type) ?? '', offset: u32(at + 8), size: u32(at + 12) });
    }
    at += u32(at + 4);
  }
  return { bytes, segments, pieces: pieces.filter(({ size }) => size > 0), commandsEnd: at };
}

const linkedit = new Map([
  [0x1d, 'signature'],
  [0x26, 'function starts'],
  [0x29, 'data in code'],
  [0x80000033, 'exports'],
  [0x80000034, 'fixups'],
]);

export interface ReadSignature {
  readonly identifier: string;
  readonly flags: number;
  /** Up to where the file is hashed. */
  readonly codeLimit: number;
  readonly execSegment: { readonly base: number; readonly limit: number; readonly flags: number };
  readonly pages: number;
  /** The pages whose content has another SHA-256 than the signature says. */
  readonly wrongPages: readonly number[];
}

/** Finds the SHA-256 CodeDirectory among a signature's blobs and hashes every page of the file again. */
export function readSignature({ bytes, pieces }: ReadMachO): ReadSignature {
  const piece = pieces.find(({ what }) => what === 'signature');
  if (piece === undefined) throw new Error('no signature');
  const blob = bytes.subarray(piece.offset, piece.offset + piece.size);
  if (blob.readUInt32BE(0) !== 0xfade0cc0) throw new Error('no embedded signature');
  const directory = Array.from({ length: blob.readUInt32BE(8) }, (_, index) => blob.readUInt32BE(16 + index * 8))
    .map((offset) => blob.subarray(offset, offset + blob.readUInt32BE(offset + 4)))
    .find((candidate) => candidate.readUInt32BE(0) === 0xfade0c02 && candidate.readUInt8(37) === 2);
  if (directory === undefined) throw new Error('no CodeDirectory with SHA-256');
  const identifierAt = directory.readUInt32BE(20);
  const codeLimit = directory.readUInt32BE(32);
  const pageBytes = 2 ** directory.readUInt8(39);
  const pages = directory.readUInt32BE(28);
  const wrongPages: number[] = [];
  for (let page = 0; page < pages; page++) {
    const content = bytes.subarray(page * pageBytes, Math.min((page + 1) * pageBytes, codeLimit));
    const at = directory.readUInt32BE(16) + page * 32;
    const says = directory.subarray(at, at + 32);
    if (!createHash('sha256').update(content).digest().equals(says)) wrongPages.push(page);
  }
  if (pages !== Math.ceil(codeLimit / pageBytes)) throw new Error(`${pages} pages for ${codeLimit} bytes`);
  return {
    identifier: directory.toString('latin1', identifierAt, directory.indexOf(0, identifierAt)),
    flags: directory.readUInt32BE(12),
    codeLimit,
    execSegment: {
      base: Number(directory.readBigUInt64BE(64)),
      limit: Number(directory.readBigUInt64BE(72)),
      flags: Number(directory.readBigUInt64BE(80)),
    },
    pages,
    wrongPages,
  };
}

export interface ReadFixups {
  readonly segmentCount: number;
  /** What stands at an address once the program is loaded: `→target` inside the program, or `library:symbol+addend`. */
  readonly pointers: ReadonlyMap<number, string>;
}

/** Follows every chain of pointers that the loader would adjust. */
export function readFixups({ bytes, segments, pieces }: ReadMachO): ReadFixups {
  const piece = pieces.find(({ what }) => what === 'fixups');
  if (piece === undefined) throw new Error('no fixups');
  const fixups = bytes.subarray(piece.offset, piece.offset + piece.size);
  const startsAt = fixups.readUInt32LE(4);
  const importsAt = fixups.readUInt32LE(8);
  const namesAt = fixups.readUInt32LE(12);
  const nameOf = (ordinal: number) => {
    const entry = fixups.readUInt32LE(importsAt + ordinal * 4);
    const at = namesAt + (entry >>> 9);
    return `${entry & 0x1ff}:${fixups.toString('latin1', at, fixups.indexOf(0, at))}`;
  };
  const pointers = new Map<number, string>();
  const segmentCount = fixups.readUInt32LE(startsAt);
  for (let index = 0; index < segmentCount; index++) {
    const offset = fixups.readUInt32LE(startsAt + 4 + index * 4);
    if (offset === 0) continue;
    const start = fixups.subarray(startsAt + offset, startsAt + offset + fixups.readUInt32LE(startsAt + offset));
    const segment = segments[index];
    const image = segments.find(({ name }) => name === '__TEXT');
    if (segment === undefined || image === undefined)
      throw new Error(`fixups for segment ${index}, which is not there`);
    if (image.address + Number(start.readBigUInt64LE(8)) !== segment.address) {
      throw new Error(`the fixups of ${segment.name} are for another address`);
    }
    if (start.readUInt16LE(6) !== 6) throw new Error('pointers are not in the form DYLD_CHAINED_PTR_64_OFFSET');
    for (let page = 0; page < start.readUInt16LE(20); page++) {
      const first = start.readUInt16LE(22 + page * 2);
      if (first === 0xffff) continue;
      let inSegment = page * start.readUInt16LE(4) + first;
      for (;;) {
        const low = bytes.readUInt32LE(segment.offset + inSegment);
        const high = bytes.readUInt32LE(segment.offset + inSegment + 4);
        const isImport = high >>> 31 === 1;
        const target = ((high & 0xf) * 2 ** 32 + low).toString(16);
        pointers.set(
          segment.address + inSegment,
          isImport ? `${nameOf(low & 0xffffff)}+${low >>> 24}` : `→${target} ${(high >>> 4) & 0xff}`,
        );
        const next = (high >>> 19) & 0xfff;
        if (next === 0) break;
        inSegment += next * 4;
      }
    }
  }
  return { segmentCount, pointers };
}

/**
 * Reads the parts of a little-endian 64-bit ELF executable that the build has to know or change.
 * Source: System V ABI, "Object Files" and "Program Loading and Dynamic Linking"; LSB 5, "Symbol Versioning".
 */

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const DT_NULL = 0;
export const DT_NEEDED = 1;
export const DT_PLTRELSZ = 2;
export const DT_STRTAB = 5;
export const DT_SYMTAB = 6;
export const DT_JMPREL = 23;
export const DT_RELA = 7;
export const DT_RELASZ = 8;
export const DT_FLAGS = 30;
export const DT_VERSYM = 0x6ffffff0;
export const DT_VERNEED = 0x6ffffffe;
export const DT_VERNEEDNUM = 0x6fffffff;
export const EM_X86_64 = 62;
export const EM_AARCH64 = 183;
export const ET_EXEC = 2;
export const SHT_GNU_VERNEED = 0x6ffffffe;

const PROGRAM_HEADER_BYTES = 56;
const DYNAMIC_ENTRY_BYTES = 16;

export interface Segment {
  /** Where this program header stands in the file. */
  readonly headerAt: number;
  readonly type: number;
  readonly isExecutable: boolean;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

export interface DynamicEntry {
  /** Where this entry stands in the file. */
  readonly at: number;
  readonly tag: number;
  readonly value: number;
}

export interface Elf {
  readonly bytes: Buffer;
  readonly type: number;
  readonly machine: number;
  readonly segments: readonly Segment[];
  readonly dynamic: readonly DynamicEntry[];
}

/** Throws where the bytes are no little-endian 64-bit ELF file. Keeps no copy: changes to `bytes` show in later reads. */
export function parseElf(bytes: Buffer): Elf {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1)
    throw new Error('not a little-endian 64-bit ELF file');
  const segments = readSegments(bytes);
  return {
    bytes,
    type: bytes.readUInt16LE(16),
    machine: bytes.readUInt16LE(18),
    segments,
    dynamic: readDynamic(bytes, segments),
  };
}

function readSegments(bytes: Buffer): Segment[] {
  const start = number(bytes, 32);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const headerAt = start + index * PROGRAM_HEADER_BYTES;
    return {
      headerAt,
      type: bytes.readUInt32LE(headerAt),
      isExecutable: (bytes.readUInt32LE(headerAt + 4) & 1) === 1,
      offset: number(bytes, headerAt + 8),
      address: number(bytes, headerAt + 16),
      fileBytes: number(bytes, headerAt + 32),
    };
  });
}

function readDynamic(bytes: Buffer, segments: readonly Segment[]): DynamicEntry[] {
  const entries: DynamicEntry[] = [];
  const segment = segments.find(({ type }) => type === PT_DYNAMIC);
  if (segment === undefined) return entries;
  for (let at = segment.offset; at < segment.offset + segment.fileBytes; at += DYNAMIC_ENTRY_BYTES) {
    const entry = { at, tag: number(bytes, at), value: number(bytes, at + 8) };
    entries.push(entry);
    if (entry.tag === DT_NULL) break;
  }
  return entries;
}

/** The names of the shared libraries the loader must find before the program can start (DT_NEEDED), in order. */
export function neededLibraries(elf: Elf): string[] {
  return elf.dynamic.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => dynamicString(elf, value));
}

/** The value of a dynamic entry that must be there once. */
export function dynamicValue(elf: Elf, tag: number): number {
  const entry = elf.dynamic.find((candidate) => candidate.tag === tag);
  if (entry === undefined) throw new Error(`the ELF file has no dynamic entry 0x${tag.toString(16)}`);
  return entry.value;
}

/** A string of the dynamic string table. */
export function dynamicString(elf: Elf, offset: number): string {
  const start = fileOffset(elf, dynamicValue(elf, DT_STRTAB)) + offset;
  return elf.bytes.toString('latin1', start, elf.bytes.indexOf(0, start));
}

/** Where an address of the running program stands in the file. */
export function fileOffset(elf: Elf, address: number): number {
  const segment = elf.segments.find(
    (s) => s.type === PT_LOAD && address >= s.address && address < s.address + s.fileBytes,
  );
  if (segment === undefined) throw new Error(`no segment of the file holds the address 0x${address.toString(16)}`);
  return address - segment.address + segment.offset;
}

/** Where the `sh_info` word of the first section of this type stands in the file; a stripped file may have no sections. */
export function sectionInfoAt(bytes: Buffer, type: number): number | undefined {
  const start = number(bytes, 40);
  const size = bytes.readUInt16LE(58);
  for (let index = 0; index < bytes.readUInt16LE(60); index++) {
    const at = start + index * size;
    if (bytes.readUInt32LE(at + 4) === type) return at + 44;
  }
  return undefined;
}

/** A 64-bit word as a number; dynamic tags and addresses of user space stay below 2^53. */
export function number(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

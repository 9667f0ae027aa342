import {
  DT_FLAGS,
  DT_JMPREL,
  DT_NEEDED,
  DT_PLTRELSZ,
  DT_RELA,
  DT_RELASZ,
  DT_SYMTAB,
  DT_VERNEED,
  DT_VERNEEDNUM,
  DT_VERSYM,
  type DynamicEntry,
  dynamicString,
  dynamicValue,
  type Elf,
  EM_AARCH64,
  EM_X86_64,
  ET_EXEC,
  fileOffset,
  neededLibraries,
  number,
  PT_LOAD,
  parseElf,
  type Segment,
  SHT_GNU_VERNEED,
  sectionInfoAt,
} from './elf.ts';
import { checkCallersPassEight } from './elf-libatomic-callers.ts';
import { compareExchangeStub } from './elf-libatomic-stub.ts';

const library = 'libatomic.so.1';
const wantedFunction = '__atomic_compare_exchange';
const BIND_NOW = 8;
const STUB_ALIGNMENT = 16;
const RELOCATION_BYTES = 24;
const SYMBOL_BYTES = 24;

/** One relocation that fills the slot through which the program calls the library's function. */
interface Import {
  readonly symbolIndex: number;
  readonly relocationAt: number;
  readonly slotAddress: number;
}

/**
 * Frees a Linux runtime from `libatomic.so.1`, which slim images lack: changes `bytes` in place and answers true, or
 * answers false where the library is not asked for.
 *
 * The runtime takes one function from it, `__atomic_compare_exchange`, always with size 8. A stub of our own goes into
 * the padding behind the program text, the call's slot is filled with its address, and relocation, version need and
 * DT_NEEDED are dropped. Every assumption is checked first; a runtime that differs throws, and is left unchanged.
 */
export function dropLibatomic(bytes: Buffer): boolean {
  const elf = parseElf(bytes);
  if (!neededLibraries(elf).includes(library)) return false;
  checkLayout(elf);
  const need = findVersionNeed(elf);
  const found = findImport(elf, need.versionIndexes);
  const stub = compareExchangeStub(elf.machine);
  const place = findRoomBehindText(elf, stub.length);
  checkCallersPassEight(elf, found.slotAddress);

  placeStub(elf, place, stub);
  elf.bytes.writeBigUInt64LE(BigInt(place.address), fileOffset(elf, found.slotAddress));
  elf.bytes.fill(0, found.relocationAt, found.relocationAt + RELOCATION_BYTES);
  makeWeakAndUnversioned(elf, found.symbolIndex);
  dropVersionNeed(elf, need);
  dropNeeded(elf);
  return true;
}

function checkLayout(elf: Elf): void {
  if (elf.type !== ET_EXEC)
    throw new Error('the runtime is position independent: the slot would need a relative relocation');
  if (elf.machine !== EM_X86_64 && elf.machine !== EM_AARCH64)
    throw new Error(`no stub for machine type ${elf.machine}`);
  // With lazy binding the loader would refuse an empty relocation among the slots.
  if ((dynamicValue(elf, DT_FLAGS) & BIND_NOW) === 0) throw new Error('the runtime binds its imports lazily');
}

interface VersionNeed {
  readonly at: number;
  readonly previousAt: number | undefined;
  readonly nextOffset: number;
  readonly versionIndexes: ReadonlySet<number>;
}

/** Elf64_Verneed: u16 version, u16 count, u32 file, u32 aux, u32 next; Elf64_Vernaux: u32 hash, u16 flags, u16 index, u32 name, u32 next. */
function findVersionNeed(elf: Elf): VersionNeed {
  const { bytes } = elf;
  let at = fileOffset(elf, dynamicValue(elf, DT_VERNEED));
  let previousAt: number | undefined;
  for (let left = dynamicValue(elf, DT_VERNEEDNUM); left > 0; left--) {
    const nextOffset = bytes.readUInt32LE(at + 12);
    if (dynamicString(elf, bytes.readUInt32LE(at + 4)) === library) {
      return { at, previousAt, nextOffset, versionIndexes: readVersionIndexes(bytes, at) };
    }
    previousAt = at;
    at += nextOffset;
  }
  throw new Error(`${library} is needed, but no version of it`);
}

function readVersionIndexes(bytes: Buffer, needAt: number): Set<number> {
  const indexes = new Set<number>();
  let at = needAt + bytes.readUInt32LE(needAt + 8);
  for (let left = bytes.readUInt16LE(needAt + 2); left > 0; left--) {
    indexes.add(bytes.readUInt16LE(at + 6));
    at += bytes.readUInt32LE(at + 12);
  }
  return indexes;
}

/** Finds the one import from the library; throws where there are others, or another kind of relocation. */
function findImport(elf: Elf, versionIndexes: ReadonlySet<number>): Import {
  const versionOf = (symbol: number) => elf.bytes.readUInt16LE(versionAt(elf, symbol)) & 0x7fff;
  const isOurs = ({ symbol }: { symbol: number }) => symbol !== 0 && versionIndexes.has(versionOf(symbol));
  const slots = readRelocations(elf, dynamicValue(elf, DT_JMPREL), dynamicValue(elf, DT_PLTRELSZ)).filter(isOurs);
  const others = readRelocations(elf, dynamicValue(elf, DT_RELA), dynamicValue(elf, DT_RELASZ)).filter(isOurs);
  const [slot] = slots;
  if (slot === undefined || slots.length !== 1 || others.length !== 0) {
    throw new Error(
      `expected one import from ${library}, found ${slots.length} calls and ${others.length} other references`,
    );
  }
  const name = dynamicString(elf, elf.bytes.readUInt32LE(symbolAt(elf, slot.symbol)));
  if (name !== wantedFunction) throw new Error(`expected ${wantedFunction} from ${library}, found ${name}`);
  return { symbolIndex: slot.symbol, relocationAt: slot.at, slotAddress: slot.address };
}

/** Elf64_Rela: u64 address, u32 type, u32 symbol, i64 addend. */
function readRelocations(elf: Elf, address: number, size: number): { at: number; address: number; symbol: number }[] {
  const start = fileOffset(elf, address);
  return Array.from({ length: size / RELOCATION_BYTES }, (_, index) => {
    const at = start + index * RELOCATION_BYTES;
    return { at, address: number(elf.bytes, at), symbol: elf.bytes.readUInt32LE(at + 12) };
  });
}

function symbolAt(elf: Elf, index: number): number {
  return fileOffset(elf, dynamicValue(elf, DT_SYMTAB)) + index * SYMBOL_BYTES;
}

function versionAt(elf: Elf, index: number): number {
  return fileOffset(elf, dynamicValue(elf, DT_VERSYM)) + index * 2;
}

interface Place {
  readonly segment: Segment;
  readonly at: number;
  readonly address: number;
}

/** The rest of the text segment's last page: mapped executable anyway, and empty in the file. */
function findRoomBehindText(elf: Elf, size: number): Place {
  const segment = elf.segments.find((candidate) => candidate.type === PT_LOAD && candidate.isExecutable);
  if (segment === undefined) throw new Error('the runtime has no executable segment');
  const address = Math.ceil((segment.address + segment.fileBytes) / STUB_ALIGNMENT) * STUB_ALIGNMENT;
  const at = address - segment.address + segment.offset;
  const following = elf.segments.filter((other) => other.type === PT_LOAD && other.offset > segment.offset);
  const isFree = following.every((other) => other.offset >= at + size && other.address >= address + size);
  const end = segment.offset + segment.fileBytes;
  if (!isFree || elf.bytes.subarray(end, at + size).some((byte) => byte !== 0))
    throw new Error('no room behind the program text');
  return { segment, at, address };
}

function placeStub(elf: Elf, { segment, at }: Place, stub: Buffer): void {
  stub.copy(elf.bytes, at);
  const grown = BigInt(at + stub.length - segment.offset);
  elf.bytes.writeBigUInt64LE(grown, segment.headerAt + 32);
  elf.bytes.writeBigUInt64LE(grown, segment.headerAt + 40);
}

/** Nothing refers to the symbol any more; this keeps tools that resolve every undefined symbol content as well. */
function makeWeakAndUnversioned(elf: Elf, symbolIndex: number): void {
  const infoAt = symbolAt(elf, symbolIndex) + 4;
  elf.bytes.writeUInt8((2 << 4) | (elf.bytes.readUInt8(infoAt) & 0xf), infoAt);
  elf.bytes.writeUInt16LE(1, versionAt(elf, symbolIndex));
}

/** Unlinks the entry; the first of the list is overwritten by its follower, so that the list keeps its start. */
function dropVersionNeed(elf: Elf, need: VersionNeed): void {
  const { bytes } = elf;
  if (need.previousAt === undefined && need.nextOffset === 0) throw new Error(`nothing but ${library} is versioned`);
  if (need.previousAt !== undefined) {
    const hop = need.nextOffset === 0 ? 0 : need.at + need.nextOffset - need.previousAt;
    bytes.writeUInt32LE(hop, need.previousAt + 12);
  } else {
    const next = need.at + need.nextOffset;
    const followerOffset = bytes.readUInt32LE(next + 12);
    bytes.copy(bytes, need.at, next, next + 8);
    bytes.writeUInt32LE(bytes.readUInt32LE(next + 8) + need.nextOffset, need.at + 8);
    bytes.writeUInt32LE(followerOffset === 0 ? 0 : followerOffset + need.nextOffset, need.at + 12);
  }
  const count = elf.dynamic.find(({ tag }) => tag === DT_VERNEEDNUM) as DynamicEntry;
  bytes.writeBigUInt64LE(BigInt(count.value - 1), count.at + 8);
  // The loader reads no section headers, but readelf and strip count by them.
  const infoAt = sectionInfoAt(bytes, SHT_GNU_VERNEED);
  if (infoAt !== undefined) bytes.writeUInt32LE(count.value - 1, infoAt);
}

function dropNeeded(elf: Elf): void {
  const entry = elf.dynamic.find(
    ({ tag, value }) => tag === DT_NEEDED && dynamicString(elf, value) === library,
  ) as DynamicEntry;
  const last = elf.dynamic.at(-1) as DynamicEntry;
  elf.bytes.copy(elf.bytes, entry.at, entry.at + 16, last.at + 16);
}

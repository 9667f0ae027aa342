/**
 * Reads the parts of a little-endian 64-bit Mach-O executable that the build has to know or change.
 * Source: Apple, `mach-o/loader.h`.
 */

export const LC_SYMTAB = 0x2;
export const LC_DYSYMTAB = 0xb;
export const LC_SEGMENT_64 = 0x19;
export const LC_CODE_SIGNATURE = 0x1d;
export const LC_DYLD_CHAINED_FIXUPS = 0x80000034;

/** The commands that are a `linkedit_data_command`: type, size, file offset and length of something in `__LINKEDIT`. */
export const linkeditDataCommands: ReadonlySet<number> = new Set([
  LC_CODE_SIGNATURE,
  0x1e, // LC_SEGMENT_SPLIT_INFO
  0x26, // LC_FUNCTION_STARTS
  0x29, // LC_DATA_IN_CODE
  0x2b, // LC_DYLIB_CODE_SIGN_DRS
  0x2e, // LC_LINKER_OPTIMIZATION_HINT
  0x80000033, // LC_DYLD_EXPORTS_TRIE
  LC_DYLD_CHAINED_FIXUPS,
]);

const MAGIC_64 = 0xfeedfacf;
const HEADER_BYTES = 32;
const SEGMENT_COMMAND_BYTES = 72;
const SECTION_BYTES = 80;
const CPU_TYPE_ARM64 = 0x0100000c;

export interface LoadCommand {
  /** Where this command stands in the file. */
  readonly at: number;
  readonly type: number;
  readonly size: number;
}

export interface MachSegment {
  /** Where its load command stands in the file. */
  readonly at: number;
  readonly name: string;
  readonly offset: number;
  readonly fileBytes: number;
  /** Where its first section with content begins in the file. */
  readonly firstSectionAt: number | undefined;
}

export interface MachO {
  readonly bytes: Buffer;
  /** Of the kernel that will map it: 16 KiB on Apple's own chips, 4 KiB on Intel's. */
  readonly pageBytes: number;
  readonly commands: readonly LoadCommand[];
  /** The end of the load commands. */
  readonly commandsEnd: number;
  readonly segments: readonly MachSegment[];
}

/** Throws where the bytes are no little-endian 64-bit Mach-O file. Keeps no copy. */
export function parseMachO(bytes: Buffer): MachO {
  if (bytes.readUInt32LE(0) !== MAGIC_64) throw new Error('not a little-endian 64-bit Mach-O file');
  const commands: LoadCommand[] = [];
  let at = HEADER_BYTES;
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const command = { at, type: bytes.readUInt32LE(at), size: bytes.readUInt32LE(at + 4) };
    commands.push(command);
    at += command.size;
  }
  return {
    bytes,
    pageBytes: bytes.readUInt32LE(4) === CPU_TYPE_ARM64 ? 0x4000 : 0x1000,
    commands,
    commandsEnd: at,
    segments: commands.filter(({ type }) => type === LC_SEGMENT_64).map((command) => readSegment(bytes, command.at)),
  };
}

function readSegment(bytes: Buffer, at: number): MachSegment {
  const sectionOffsets = Array.from({ length: bytes.readUInt32LE(at + 64) }, (_, index) =>
    bytes.readUInt32LE(at + SEGMENT_COMMAND_BYTES + index * SECTION_BYTES + 48),
  ).filter((offset) => offset > 0);
  return {
    at,
    name: nameAt(bytes, at + 8),
    offset: Number(bytes.readBigUInt64LE(at + 40)),
    fileBytes: Number(bytes.readBigUInt64LE(at + 48)),
    firstSectionAt: sectionOffsets.length === 0 ? undefined : Math.min(...sectionOffsets),
  };
}

function nameAt(bytes: Buffer, at: number): string {
  const text = bytes.toString('latin1', at, at + 16);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** A segment that must be there. */
export function segmentNamed({ segments }: MachO, name: string): MachSegment {
  const found = segments.find((segment) => segment.name === name);
  if (found === undefined) throw new Error(`the Mach-O file has no segment ${name}`);
  return found;
}

/** Sets how far `__LINKEDIT`, the last segment, reaches in the file, and how much memory it takes. */
export function setLinkeditEnd(file: MachO, end: number): void {
  const { at, offset } = segmentNamed(file, '__LINKEDIT');
  const fileBytes = end - offset;
  file.bytes.writeBigUInt64LE(BigInt(fileBytes), at + 48);
  file.bytes.writeBigUInt64LE(BigInt(Math.ceil(fileBytes / file.pageBytes) * file.pageBytes), at + 32);
}

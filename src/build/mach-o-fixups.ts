import {
  LC_DYLD_CHAINED_FIXUPS,
  LC_DYSYMTAB,
  LC_SYMTAB,
  linkeditDataCommands,
  type MachO,
  parseMachO,
  segmentNamed,
  setLinkeditEnd,
} from './mach-o.ts';

/** Keeps what follows aligned to 8, as dyld wants it. */
const GROWTH = 8;

/**
 * Counts the segment that pkg's injection added (`name`) in the table of pointers to adjust at start. Injection leaves that
 * table at the old number of segments, which macOS 27 refuses: "chained fixups, seg_count does not match number of segments".
 * Answers a new file; the same one where the count is right.
 *
 * The table is `dyld_chained_starts_in_image` of Apple's `mach-o/fixup-chains.h`: u32 seg_count, u32 offset for each
 * segment, 0 where nothing is to be adjusted. An entry of 0 goes in; everything behind it in `__LINKEDIT` moves.
 */
export function countInjectedSegment(bytes: Buffer, name: string): Buffer {
  const file = parseMachO(bytes);
  const command = file.commands.find(({ type }) => type === LC_DYLD_CHAINED_FIXUPS);
  if (command === undefined) return bytes;
  const fixupsAt = bytes.readUInt32LE(command.at + 8);
  const tableAt = fixupsAt + bytes.readUInt32LE(fixupsAt + 4);
  const counted = bytes.readUInt32LE(tableAt);
  if (counted === file.segments.length) return bytes;
  if (counted !== file.segments.length - 1) {
    throw new Error(`${counted} segments are counted in the table of fixups, ${file.segments.length} are there`);
  }

  const offsets = Array.from({ length: counted }, (_, index) => bytes.readUInt32LE(tableAt + 4 + index * 4));
  const moved = offsets.map((offset) => (offset === 0 ? 0 : offset + GROWTH));
  const table = wordsOf([
    counted + 1,
    ...moved.toSpliced(file.segments.indexOf(segmentNamed(file, name)), 0, 0),
    0, // only alignment
  ]);
  const grown = Buffer.concat([bytes.subarray(0, tableAt), table, bytes.subarray(tableAt + 4 + counted * 4)]);
  addAt(grown, fixupsAt + 8, GROWTH); // imports_offset
  addAt(grown, fixupsAt + 12, GROWTH); // symbols_offset
  addAt(grown, command.at + 12, GROWTH); // the length of all fixups
  moveLinkedit(parseMachO(grown), fixupsAt);
  return grown;
}

/** Tells the load commands that everything in `__LINKEDIT` behind `boundary` has moved. */
function moveLinkedit(file: MachO, boundary: number): void {
  const places = file.commands.flatMap(({ at, type }) => {
    if (type === LC_SYMTAB) return [at + 8, at + 16];
    // The tables of a dynamic symbol table: contents, modules, references, indirect symbols, two kinds of relocations.
    if (type === LC_DYSYMTAB) return [at + 32, at + 40, at + 48, at + 56, at + 64, at + 72];
    return linkeditDataCommands.has(type) ? [at + 8] : [];
  });
  for (const place of places) {
    if (file.bytes.readUInt32LE(place) > boundary) addAt(file.bytes, place, GROWTH);
  }
  setLinkeditEnd(file, file.bytes.length);
}

function addAt(bytes: Buffer, at: number, amount: number): void {
  bytes.writeUInt32LE(bytes.readUInt32LE(at) + amount, at);
}

function wordsOf(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, index * 4);
  });
  return bytes;
}

/**
 * Reads a finished Windows executable for the tests. Written apart from the build's own code, from Microsoft's "PE Format",
 * so that the two can disagree.
 */

export interface ReadPeSection {
  readonly name: string;
  readonly address: number;
  readonly memoryBytes: number;
  readonly offset: number;
  readonly fileBytes: number;
}

export interface ReadPe {
  readonly bytes: Buffer;
  readonly entryPoint: number;
  readonly sectionAlignment: number;
  readonly imageBytes: number;
  readonly checksum: number;
  readonly computedChecksum: number;
  /** The data directory of signatures. */
  readonly security: { readonly offset: number; readonly size: number };
  readonly sections: readonly ReadPeSection[];
}

export function readPe(bytes: Buffer): ReadPe {
  const pe = bytes.readUInt32LE(0x3c);
  const optional = pe + 24;
  if (bytes.readUInt32BE(pe) !== 0x50450000 || bytes.readUInt16LE(optional) !== 0x20b) throw new Error('no PE32+');
  const sectionsAt = optional + bytes.readUInt16LE(pe + 20);
  return {
    bytes,
    entryPoint: bytes.readUInt32LE(optional + 16),
    sectionAlignment: bytes.readUInt32LE(optional + 32),
    imageBytes: bytes.readUInt32LE(optional + 56),
    checksum: bytes.readUInt32LE(optional + 64),
    computedChecksum: checksumOf(bytes, optional + 64),
    security: { offset: bytes.readUInt32LE(optional + 144), size: bytes.readUInt32LE(optional + 148) },
    sections: Array.from({ length: bytes.readUInt16LE(pe + 6) }, (_, index) => {
      const at = sectionsAt + index * 40;
      return {
        name: bytes.toString('latin1', at, at + 8).replace(/\0.*$/s, ''),
        memoryBytes: bytes.readUInt32LE(at + 8),
        address: bytes.readUInt32LE(at + 12),
        fileBytes: bytes.readUInt32LE(at + 16),
        offset: bytes.readUInt32LE(at + 20),
      };
    }),
  };
}

/** All 16-bit words without the checksum itself, added at once and folded at the end. */
function checksumOf(bytes: Buffer, checksumAt: number): number {
  const even = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
  even.fill(0, checksumAt, checksumAt + 4);
  const words = new Uint16Array(even.buffer, even.byteOffset, even.length / 2);
  let total = words.reduce((sum, word) => sum + word, 0);
  while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
  return total + bytes.length;
}

/** The content of a raw-data resource (`RT_RCDATA`) by its name. */
export function readResource(pe: ReadPe, name: string): Buffer | undefined {
  const { section, entriesOf, nameOf } = resourcesOf(pe);
  const type = entriesOf(0).find(({ id }) => id === 10);
  const named = type && entriesOf(type.to).find(({ id }) => nameOf(id) === name);
  const language = named && entriesOf(named.to)[0];
  if (language === undefined) return undefined;
  const at = section.offset + language.to;
  const content = pe.bytes.readUInt32LE(at) - section.address + section.offset;
  return pe.bytes.subarray(content, content + pe.bytes.readUInt32LE(at + 4));
}

/** The numbers of the kinds of resources that are there, as text, sorted. */
export function resourceTypes(pe: ReadPe): string[] {
  const { entriesOf, nameOf } = resourcesOf(pe);
  return entriesOf(0)
    .map(({ id }) => nameOf(id))
    .sort();
}

/** The tree of resources: tables of entries, each with a number or a named place, leading to another table or to content. */
function resourcesOf({ bytes, sections }: ReadPe) {
  const section = sections.find((candidate) => candidate.name === '.rsrc');
  if (section === undefined) throw new Error('no resources');
  const root = section.offset;
  return {
    section,
    entriesOf(table: number) {
      const count = bytes.readUInt16LE(root + table + 12) + bytes.readUInt16LE(root + table + 14);
      return Array.from({ length: count }, (_, index) => {
        const at = root + table + 16 + index * 8;
        return { id: bytes.readUInt32LE(at), to: bytes.readUInt32LE(at + 4) & 0x7fffffff };
      });
    },
    nameOf(id: number) {
      if (id >>> 31 === 0) return `${id}`;
      const at = root + (id & 0x7fffffff);
      return bytes.toString('utf16le', at + 2, at + 2 + bytes.readUInt16LE(at) * 2);
    },
  };
}

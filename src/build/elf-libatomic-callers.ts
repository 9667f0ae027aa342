import { type Elf, EM_X86_64, PT_LOAD } from './elf.ts';

/** How far before a call the compiler may have put its first argument. The farthest seen is 40 bytes. */
const LOOK_BACK_BYTES = 64;

/** The executable part of the file, and the address of its first byte. */
interface Text {
  readonly code: Buffer;
  readonly address: number;
}

/**
 * Checks that every call through the slot passes 8 as its first argument (the size), which is all our stub can do.
 * Throws where a caller does not, or where none is found.
 */
export function checkCallersPassEight(elf: Elf, slotAddress: number): void {
  const segment = elf.segments.find(({ type, isExecutable }) => type === PT_LOAD && isExecutable);
  if (segment === undefined) throw new Error('the runtime has no executable segment');
  const text = {
    code: elf.bytes.subarray(segment.offset, segment.offset + segment.fileBytes),
    address: segment.address,
  };
  const calls = elf.machine === EM_X86_64 ? findCallsX64(text, slotAddress) : findCallsArm64(text, slotAddress);
  const passesEight = elf.machine === EM_X86_64 ? passesEightX64 : passesEightArm64;
  if (calls.length === 0) throw new Error('nobody calls the function taken from libatomic');
  const wrong = calls.find((call) => !passesEight(text.code, call));
  if (wrong !== undefined)
    throw new Error(`a call at 0x${(text.address + wrong).toString(16)} asks for another size than 8`);
}

/** `jmp [rip+slot]` is the entry of the linkage table, `call entry` a caller; a jump to the entry would be a tail call. */
function findCallsX64({ code, address }: Text, slotAddress: number): number[] {
  const entry = findX64(
    code,
    (at) => code[at] === 0xff && code[at + 1] === 0x25 && address + at + 6 + code.readInt32LE(at + 2) === slotAddress,
  );
  const [entryAt] = entry;
  if (entryAt === undefined || entry.length !== 1)
    throw new Error(`${entry.length} linkage entries for the function from libatomic`);
  return findX64(
    code,
    (at) => (code[at] === 0xe8 || code[at] === 0xe9) && at + 5 + code.readInt32LE(at + 1) === entryAt,
  );
}

function findX64(code: Buffer, matches: (at: number) => boolean): number[] {
  const found: number[] = [];
  for (let at = 0; at + 6 <= code.length; at++) {
    if (matches(at)) found.push(at);
  }
  return found;
}

/** `mov edi, 8` */
function passesEightX64(code: Buffer, callAt: number): boolean {
  return code.subarray(callAt - LOOK_BACK_BYTES, callAt).includes(Buffer.from('bf08000000', 'hex'));
}

/** `adrp x16, page; ldr x17, [x16, #offset]` is the entry of the linkage table, `bl entry` a caller, `b entry` a tail call. */
function findCallsArm64({ code, address }: Text, slotAddress: number): number[] {
  const words = new Uint32Array(code.buffer, code.byteOffset, code.length >> 2);
  const entry = words.findIndex((word, index) => {
    const next = words[index + 1];
    if ((word & 0x9f00001f) >>> 0 !== 0x90000010 || next === undefined || (next & 0xffc003ff) >>> 0 !== 0xf9400211)
      return false;
    const pages = (((word << 8) >> 13) << 2) | ((word >>> 29) & 3);
    const page = Math.floor((address + index * 4) / 4096) * 4096 + pages * 4096;
    return page + ((next >>> 10) & 0xfff) * 8 === slotAddress;
  });
  if (entry < 0) throw new Error('no linkage entry for the function from libatomic');
  const calls: number[] = [];
  words.forEach((word, index) => {
    const isBranch = (word & 0x7c000000) === 0x14000000;
    if (isBranch && index + ((word << 6) >> 6) === entry) calls.push(index * 4);
  });
  return calls;
}

/** `mov w0, #8` */
function passesEightArm64(code: Buffer, callAt: number): boolean {
  for (let at = callAt - LOOK_BACK_BYTES; at < callAt; at += 4) {
    if (code.readUInt32LE(at) === 0x52800100) return true;
  }
  return false;
}

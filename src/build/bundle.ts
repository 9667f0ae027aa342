import { type BuildOptions, build, type Plugin } from 'esbuild';
import { lazyBuiltins } from './lazy-builtins.ts';
import { threadsAsText } from './threads-as-text.ts';

export interface BundleOptions {
  /** The first file of the program, absolute. */
  readonly entry: string;
  /** Where the one ES module goes, absolute. */
  readonly outfile: string;
  readonly version: string;
  readonly commit: string;
}

/** Never in the bundle: native add-ons whose callers do without them, and tools for development. */
const absent = ['bufferutil', 'utf-8-validate', '@node-rs/crc32', 'react-devtools-core'];

/**
 * Bundles the program into one ES module and answers its size in bytes.
 *
 * ES module, because yoga's WebAssembly waits at the top level. Names stay whole: a stack trace from a user must tell
 * the story, and error classes are logged by name.
 */
export async function bundle(options: BundleOptions): Promise<number> {
  const result = await build(bundleOptions(options));
  const output = Object.values(result.metafile?.outputs ?? {})[0];
  if (output === undefined) throw new Error('esbuild wrote no file');
  return output.bytes;
}

function bundleOptions({ entry, outfile, version, commit }: BundleOptions): BuildOptions {
  return {
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    jsx: 'automatic',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    charset: 'utf8',
    metafile: true,
    logLevel: 'warning',
    external: absent,
    plugins: [lazyBuiltins(), threadsAsText(), inkWithoutDevtools(), bundledWasmUtils()],
    // In a single-executable main `import.meta.url` is gone when first read after a garbage collection (Node 26.10).
    banner: { js: 'const __url = import.meta.url;' },
    define: {
      'import.meta.url': '__url',
      __dirname: '"/yunque"',
      __filename: '"/yunque/yunque.mjs"',
      'process.env.NODE_ENV': '"production"',
      'process.env.DEV': '"false"',
      'process.env.WS_NO_BUFFER_UTIL': '"true"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"true"',
      YUNQUE_VERSION: JSON.stringify(version),
      YUNQUE_COMMIT: JSON.stringify(commit),
    },
  };
}

/** Ink's developer tools import a package nobody installs, and would be evaluated at start. */
function inkWithoutDevtools(): Plugin {
  return {
    name: 'ink-without-devtools',
    setup(build) {
      build.onLoad({ filter: /[\\/]ink[\\/]build[\\/]devtools\.js$/ }, () => ({ contents: '' }));
    },
  };
}

/** There is no file beside the binary to read WebAssembly from, so the build of it that carries it inline is taken. */
function bundledWasmUtils(): Plugin {
  return {
    name: 'bundled-wasm-utils',
    setup(build) {
      build.onResolve({ filter: /^@platformatic\/wasm-utils$/ }, ({ importer, resolveDir }) =>
        build.resolve('@platformatic/wasm-utils/bundled', { importer, resolveDir, kind: 'import-statement' }),
      );
    },
  };
}

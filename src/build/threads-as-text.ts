import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * There is no file beside the binary for a worker thread to start from, so the program of the receiver threads is bundled by itself and put into the
 * place of `load/thread-source.ts` as text, to be evaluated: a CommonJS script, as evaluated threads are.
 */
export function threadsAsText(): Plugin {
  return {
    name: 'threads-as-text',
    setup(main) {
      main.onLoad({ filter: /[\\/]load[\\/]thread-source\.ts$/ }, async ({ path }) => {
        const result = await build({
          entryPoints: [join(dirname(path), 'receiver-thread.ts')],
          bundle: true,
          write: false,
          platform: 'node',
          format: 'cjs',
          target: 'node26',
          minifyWhitespace: true,
          minifySyntax: true,
          legalComments: 'none',
          charset: 'utf8',
          logLevel: 'warning',
        });
        const code = result.outputFiles[0]?.text;
        if (code === undefined) throw new Error('esbuild wrote no file');
        return { contents: `export const receiverThread = () => ({ code: ${JSON.stringify(code)} });` };
      });
    },
  };
}

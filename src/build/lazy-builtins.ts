import { builtinModules, createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Builtins the runtime has loaded by itself before our first line runs. Binding their exports directly costs
 * nothing, and they are the ones a hot path calls.
 */
const loadedAtStart = new Set([
  'async_hooks',
  'buffer',
  'diagnostics_channel',
  'events',
  'fs',
  'path',
  'timers',
  'url',
  'util',
]);

/**
 * An esbuild plugin: a builtin is loaded when it is first used, not when the program starts.
 *
 * esbuild moves every `import … from 'node:x'` to the top of the bundle, so that `--version` would load http2, tls
 * and all the others (60 to 85 ms). Here an import becomes a module of getters around `process.getBuiltinModule`,
 * and a `require` becomes that call, made when the requiring module runs.
 */
export function lazyBuiltins(): Plugin {
  return {
    name: 'lazy-builtins',
    setup(build) {
      const known = new Set(builtinModules);
      build.onResolve({ filter: /^[a-z_][a-z0-9_/]*$|^node:/ }, (args) => {
        const name = args.path.replace(/^node:/, '');
        const isBuiltin = args.path.startsWith('node:') || known.has(name);
        if (!isBuiltin || args.namespace === 'builtin-import') return undefined;
        return { path: args.path, namespace: args.kind === 'require-call' ? 'builtin-require' : 'builtin-import' };
      });
      build.onLoad({ filter: /.*/, namespace: 'builtin-require' }, ({ path }) => ({
        contents: `module.exports = ${loading(path)};`,
      }));
      build.onLoad({ filter: /.*/, namespace: 'builtin-import' }, ({ path }) => ({
        contents: loadedAtStart.has(path.replace(/^node:/, '')) ? boundExports(path) : forwardedExports(path),
      }));
      build.onResolve({ filter: /^lazy:/ }, ({ path }) => ({
        path: path.slice('lazy:'.length),
        namespace: 'builtin-lazy',
      }));
      build.onLoad({ filter: /.*/, namespace: 'builtin-lazy' }, ({ path }) => ({ contents: gettersOf(path) }));
    },
  };
}

/** Every export read once; esbuild drops the unused ones, because a pure call may be dropped. */
function boundExports(path: string): string {
  const lines = exportNames(path).map((name) => `export const ${name} = /* @__PURE__ */ pick('${name}');`);
  return [
    `const pick = (name) => ${loading(path)}[name];`,
    `export default /* @__PURE__ */ (() => ${loading(path)})();`,
    ...lines,
  ].join('\n');
}

/** The ES module an importer sees. This detour makes `default` a getter too: esbuild binds it early in "type": "module" files. */
function forwardedExports(path: string): string {
  return `export { ${['default', ...exportNames(path)].join(', ')} } from 'lazy:${path}';`;
}

function gettersOf(path: string): string {
  const getters = exportNames(path).map((name) => `get ${name}() { return load().${name}; },`);
  return [
    'let loaded;',
    `const load = () => (loaded ??= ${loading(path)});`,
    `module.exports = { __esModule: true, get default() { return load(); }, ${getters.join('\n')} };`,
  ].join('\n');
}

function loading(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}

function exportNames(path: string): string[] {
  const builtin: unknown = createRequire(import.meta.url)(path);
  const keys = Object.keys(builtin as object);
  return keys.filter((name) => name !== 'default' && /^[A-Za-z_$][\w$]*$/.test(name));
}

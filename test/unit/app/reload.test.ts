import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../src/api/errors.ts';
import { createReload, type Reload, type ReloadPart } from '../../../src/app/reload.ts';
import { createLiveConfig } from '../../../src/config/live-config.ts';
import { readConfig } from '../../../src/config/load-config.ts';
import { StartError } from '../../../src/util/start-error.ts';

/** A configuration whose `--set` the test changes. */
function startLive(...first: readonly string[]) {
  let set = first;
  const load = () => {
    return { ...readConfig({ flags: { set }, env: {}, cwd: '/nowhere' }), warnings: ['read again'] };
  };
  const live = createLiveConfig(load().config, load);
  return { live, change: (...next: readonly string[]) => (set = next) };
}

/** Writes down what is done to it. */
function part(story: string[], name: string, keys: ReloadPart['keys'], failure?: Error): ReloadPart {
  return {
    ...(keys && { keys }),
    prepare(next) {
      story.push(`${name} prepares ${next.log.level}`);
      if (failure !== undefined) throw failure;
      return {
        commit: () => void story.push(`${name} commits`),
        discard: async () => void story.push(`${name} discards`),
        warnings: [`${name} warns`],
      };
    },
  };
}

/** Everything that is wrong, of a reload that is refused for it. */
async function problemsOf(reload: Reload): Promise<readonly string[]> {
  const [{ reason }] = (await Promise.allSettled([reload()])) as [PromiseRejectedResult];
  assert.ok(reason instanceof YunqueError && reason.code === 'bad_config', String(reason));
  return reason.problems ?? [];
}

describe('a reload', () => {
  test('tells only the parts whose settings have changed, and those that have no settings', async () => {
    const { live, change } = startLive();
    const story: string[] = [];
    const parts = [part(story, 'a', ['log.level']), part(story, 'b', ['probe.interval']), part(story, 'c', undefined)];
    const reload = createReload(live, parts);
    change('log.level=warn');
    const { changes, warnings } = await reload();
    assert.deepEqual(story, ['a prepares warn', 'c prepares warn', 'a commits', 'c commits']);
    assert.deepEqual(warnings, ['read again', 'a warns', 'c warns']);
    assert.deepEqual(
      changes.map(({ key, effect }) => [key, effect]),
      [['log.level', 'applied']],
    );
    assert.equal(live.config.log.level, 'warn');
  });

  test('leaves a part alone whose setting needs a restart', async () => {
    const { live, change } = startLive();
    const story: string[] = [];
    change('port=1');
    assert.equal((await createReload(live, [part(story, 'a', ['port'])])()).changes.length, 1);
    assert.deepEqual([story, live.config.port], [[], 666]);
  });

  test('that a part is not ready for changes nothing, and says everything that is wrong', async () => {
    const { live, change } = startLive();
    const story: string[] = [];
    const parts = [
      part(story, 'a', ['log.level']),
      part(story, 'b', undefined, new StartError('tls.cert: no such file', { hint: 'name one' })),
      part(story, 'c', undefined, new StartError('auth.tokens: bad')),
    ];
    change('log.level=warn');
    assert.deepEqual(await problemsOf(createReload(live, parts)), [
      'tls.cert: no such file; name one',
      'auth.tokens: bad',
    ]);
    assert.deepEqual(story.slice(3), ['a discards']);
    assert.equal(live.config.log.level, 'info');
  });

  test('that cannot be written changes nothing, lets go of everything prepared, and is tried again by the next', async () => {
    const { live, change } = startLive();
    const story: string[] = [];
    const full = new YunqueError('unavailable', 'the disk is full');
    let isFull = true;
    const kept: ReloadPart = {
      keys: ['systems.list'],
      prepare: () => ({
        async store() {
          story.push('kept stores');
          if (isFull) throw full;
        },
        commit: () => void story.push('kept commits'),
      }),
    };
    const reload = createReload(live, [part(story, 'a', ['log.level']), kept, part(story, 'c', undefined)]);
    change('log.level=warn', 'systems.list=shop');
    await assert.rejects(reload(), full);
    assert.deepEqual(story.splice(0), [
      'a prepares warn',
      'c prepares warn',
      'kept stores',
      'a discards',
      'c discards',
    ]);
    assert.deepEqual([live.config.log.level, live.config.systems.list], ['info', []]);
    isFull = false;
    assert.equal((await reload()).changes.length, 2);
    assert.deepEqual(story.slice(2), ['kept stores', 'a commits', 'kept commits', 'c commits']);
    assert.equal(live.config.log.level, 'warn');
  });

  test('of a configuration that cannot be used asks no part, and says everything that is wrong', async () => {
    const { live, change } = startLive();
    const story: string[] = [];
    change('log.level=loud', 'port=none');
    const problems = await problemsOf(createReload(live, [part(story, 'a', undefined)]));
    assert.equal(problems.length, 2, problems.join('\n'));
    assert.deepEqual(problems.map((each) => /log\.level|port/.exec(each)?.[0]).sort(), ['log.level', 'port']);
    assert.deepEqual([story, live.config.log.level], [[], 'info']);
  });

  test('is our fault where it is, and changes nothing either', async () => {
    const { live, change } = startLive();
    change('log.level=warn');
    const fault = new TypeError('x is not a function');
    await assert.rejects(createReload(live, [part([], 'a', undefined, fault)])(), fault);
    assert.equal(live.config.log.level, 'info');
  });

  test('waits for the one before it, also where that failed', async () => {
    const { live, change } = startLive();
    const story: string[] = [];
    const gate = Promise.withResolvers<void>();
    let isFirst = true;
    const slow: ReloadPart = {
      async prepare(next) {
        story.push(`begins ${next.log.level}`);
        if (isFirst) {
          isFirst = false;
          await gate.promise;
          throw new StartError('not ready');
        }
        return { commit: () => void story.push('commits') };
      },
    };
    const reload = createReload(live, [slow]);
    change('log.level=warn');
    const first = reload();
    await new Promise(setImmediate);
    change('log.level=error');
    const second = reload();
    await new Promise(setImmediate);
    assert.deepEqual(story, ['begins warn']);
    gate.resolve();
    await assert.rejects(first, { code: 'bad_config' });
    await second;
    assert.deepEqual(story, ['begins warn', 'begins error', 'commits']);
    assert.equal(live.config.log.level, 'error');
  });
});

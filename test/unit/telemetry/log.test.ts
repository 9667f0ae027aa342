import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLogger, type Logger } from '../../../src/telemetry/log.ts';

type Format = 'json' | 'pretty';

function written(
  format: Format,
  write: (log: Logger) => void,
  more: { level?: string; colour?: boolean } = {},
): string {
  let text = '';
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  write(createLogger({ level: 'debug', format, destination, ...more }));
  return text;
}

const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code))
  .filter((c) => /\p{Cc}/u.test(c))
  .join('');
const nasty = `${controls}\u2028\u2029\u202e\u2066\u200f`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

for (const format of ['json', 'pretty'] as const) {
  describe(`the ${format} log`, () => {
    test('is one line for each entry, whatever its message and fields hold', () => {
      const text = written(format, (log) => {
        log.info({ uid: nasty, deep: { uid: nasty, list: [nasty] }, err: new Error(nasty) }, `message ${nasty}`);
        log.warn('second\nline');
      });
      assert.equal(text.split('\n').length, 3);
      assert.ok(text.endsWith('\n'));
      assert.doesNotMatch(text, acting);
    });

    test('shows no secret, at the top or one below it', () => {
      const text = written(format, (log) => {
        const fields = { token: 'S3CRET', key: 'S3CRET', password: 'S3CRET', authorization: 'S3CRET' };
        log.info({ ...fields, auth: fields }, 'configured');
      });
      assert.doesNotMatch(text, /S3CRET/);
      assert.match(text, /\*\*\*/);
    });

    test('leaves out what is below its level', () => {
      const text = written(
        format,
        (log) => {
          log.info('quiet');
          log.error('loud');
        },
        { level: 'warn' },
      );
      assert.match(text, /loud/);
      assert.doesNotMatch(text, /quiet/);
    });

    test('tells where an error came from', () => {
      assert.match(
        written(format, (log) => log.error({ err: new TypeError('broken') }, 'a fault')),
        /TypeError.*broken/,
      );
    });
  });
}

test('JSON lines have level, time and message, and are JSON still after escaping', () => {
  const entry = JSON.parse(written('json', (log) => log.info({ uid: nasty }, nasty))) as Record<string, unknown>;
  assert.deepEqual([entry['uid'], entry['msg'], entry['level']], [nasty, nasty, 30]);
  assert.match(String(entry['time']), /^\d{4}-\d\d-\d\dT/);
});

test('readable lines have the time, the level and the fields, and colour only where asked for', () => {
  const line = written('pretty', (log) => log.warn({ port: 666, uid: 'a b', empty: '' }, 'serving'));
  assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} WARN {2}serving port=666 uid="a b" empty=""\n$/);
  const coloured = written('pretty', (log) => log.warn('serving'), { colour: true });
  assert.ok(coloured.includes('\u001b[33mWARN \u001b[0m'));
});

test('a readable line does not let a value pass for another field', () => {
  assert.match(
    written('pretty', (log) => log.info({ uid: 'x admin=true' }, 'm')),
    /uid="x admin=true"/,
  );
  assert.match(
    written('pretty', (log) => log.info({ uid: 'x="y' }, 'm')),
    /uid="x=\\"y"/,
  );
});

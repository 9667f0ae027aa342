import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import { decodeBody } from '../../../../src/wire/pub/decode-body.ts';
import type { Publication } from '../../../../src/wire/pub/publication.ts';
import { publicationRules } from '../../../support/publication.ts';
import { createRandom, pick } from '../../../support/random.ts';

function parse(text: string, more: { batch?: number; jsonDepth?: number } = {}): readonly Publication[] {
  return decodeBody(Buffer.from(text), { ...publicationRules, ...more });
}

function refusal(text: string, more: { batch?: number; jsonDepth?: number } = {}): YunqueError {
  try {
    parse(text, more);
  } catch (error) {
    assert.ok(error instanceof YunqueError && error.code === 'bad_request', String(error));
    return error;
  }
  throw new Error(`taken: ${text}`);
}

describe('a MessagesPubProto as JSON', () => {
  test('has the fields of protobuf’s, and reads its messages as POST /send does', () => {
    const [publication, ...others] = parse(
      '{"Uid":"a,b","Sid":"n1","Cid":"9007199254740993","act":"SENDUIDS","type":"MESSAGE","system":"shop",' +
        '"msg":[{"id":"9223372036854775807","action":"chat","content":{"n":{"x":1.0},"t":"text"},"receiver":"a","other":1}]}',
    );
    assert.equal(others.length, 0);
    assert.ok(publication?.form === 'act');
    const { messages, ...fields } = publication;
    const expected = {
      form: 'act',
      at: '',
      system: 'shop',
      uids: 'a,b',
      sids: 'n1',
      cid: 2n ** 53n + 1n,
      act: 'SENDUIDS',
    };
    assert.deepEqual(fields, expected);
    const message = messages[0]?.message;
    assert.ok(message?.kind === 'proto');
    assert.equal(message.id, 2n ** 63n - 1n);
    assert.deepEqual(
      [...message.content],
      [
        ['n', '{"x":1.0}'],
        ['t', 'text'],
      ],
    );
    assert.equal(messages[0]?.receiver, 'a');
  });

  test('takes an act by its number as well, and fields that are null as absent', () => {
    const act = (text: string) => (parse(`{"act":${text},"msg":[]}`)[0] as { act?: string }).act;
    assert.deepEqual(
      [act('0'), act('7'), act('"SENDALL"'), act('null')],
      ['SENDALL', 'SENDROOM', 'SENDALL', undefined],
    );
    const [nulls] = parse('{"Uid":null,"Sid":null,"Cid":null,"type":null,"system":null,"msg":[{}]}');
    assert.ok(nulls?.form === 'act');
    assert.deepEqual([nulls.uids, nulls.sids, nulls.cid, nulls.system], ['', '', 0n, undefined]);
  });

  test('that is no such thing is refused with the field, and a near name is suggested', () => {
    const cases: readonly [string, string | undefined, RegExp][] = [
      ['{"uid":"a","msg":[{}]}', 'uid', /did you mean "Uid"/],
      ['{"Uids":"a","msg":[{}]}', 'Uids', /did you mean "Uid"/],
      ['{"Uid":"a","msgs":[{}]}', 'msgs', /did you mean "msg"/],
      ['{"Uid":1,"msg":[{}]}', 'Uid', /must be a string/],
      ['{"Uid":"a","msg":{}}', 'msg', /must be an array of messages/],
      ['{"Uid":"a","msg":"hi"}', 'msg', /must be an array of messages/],
      ['{"Uid":"a","clientId":"c","msg":[{}]}', 'clientId', /is no field of MessagesPubProto/],
      ['{"clientId":"c","msg":[{}]}', 'clientId', /is no field of MessagesPubProto/],
      ['{"act":"SENDUIDZ","msg":[{}]}', 'act', /did you mean "SENDUIDS"/],
      ['{"act":8,"msg":[{}]}', 'act', /has no value 8/],
      ['{"act":"1","msg":[{}]}', 'act', /has no value "1"/],
      ['{"act":true,"msg":[{}]}', 'act', /has no value true/],
      ['{"act":"constructor","msg":[{}]}', 'act', /has no value/],
      ['{"type":9,"msg":[{}]}', 'type', /has no value 9/],
      ['{"Cid":9007199254740993,"msg":[{}]}', 'Cid', /send it as a string/],
      ['{"Uid":"a","msg":[{"action":"x"},{"id":9007199254740993}]}', 'msg[1].id', /send it as a string/],
      ['{"Uid":"a","msg":[{"title":1}]}', 'msg[0].title', /must be a string/],
      ['{"Uid":"a","msg":[5]}', 'msg[0]', /must be a JSON object/],
      ['{"Uid":"a","msg":[{}]', undefined, /expected/],
      ['{"Uid":"a","msg":[{"title":"\\ud800"}]}', undefined, /half a surrogate pair/],
      ['{"Uid":"a","msg":[{"content":{"n":1e999}}]}', undefined, /too large/],
      ['[]', undefined, /empty/],
      ['[{"Uid":"a","msg":[{}]},{"Uidd":"a"}]', '[1].Uidd', /did you mean "Uid"/],
      ['[{"Uid":"a","msg":[{}]},{"Uid":"a","msg":[{"image":0}]}]', '[1].msg[0].image', /must be a string/],
      ['[5]', '[0]', /must be an object/],
      ['[{"Uid":"a","msg":[{}]}', undefined, /expected/],
    ];
    for (const [text, field, words] of cases) {
      const error = refusal(text);
      assert.equal(error.field, field, text);
      assert.match(error.message, words, text);
    }
    assert.match(refusal('{"act":9,"msg":[{}]}').hint ?? '', /SENDALL, SENDUIDS/);
  });

  test('several in one body keep their order and their places, and share what a batch may have', () => {
    const text = '[{"Uid":"a","msg":[{},{}]}, {"groupName":"g","msg":"hi"} ,{"act":0,"msg":[{}]}]';
    assert.deepEqual(
      parse(text).map(({ form, at }) => [form, at]),
      [
        ['act', '[0].'],
        ['push', '[1].'],
        ['act', '[2].'],
      ],
    );
    assert.equal(parse(text, { batch: 4 }).length, 3);
    assert.match(refusal(text, { batch: 3 }).message, /limits\.batch/);
    assert.match(refusal(text, { batch: 2 }).message, /limits\.batch/);
    assert.equal(refusal('{"Uid":"a","msg":[{},{},{}]}', { batch: 2 }).field, 'msg');
  });

  test('nested deeper than the limit is refused, however deep', () => {
    const nested = (levels: number) =>
      `{"Uid":"a","msg":[{"content":{"n":${'['.repeat(levels)}${']'.repeat(levels)}}}]}`;
    assert.equal(parse(nested(4), { jsonDepth: 8 }).length, 1);
    assert.match(refusal(nested(5), { jsonDepth: 8 }).message, /nested too deeply/);
    assert.match(refusal('['.repeat(500_000)).message, /nested too deeply/);
  });

  test('that is not UTF-8 is refused', () => {
    const body = Buffer.from('{"Uid":"a\xff","msg":[{}]}', 'latin1');
    assert.throws(() => decodeBody(body, publicationRules), { code: 'bad_request', message: /not UTF-8/ });
  });
});

describe('go-websocket’s push as JSON', () => {
  test('names one client, several, a group, or with the system alone everyone in it', () => {
    const to = (text: string) => {
      const [publication] = parse(text);
      assert.ok(publication?.form === 'push');
      return publication.to;
    };
    assert.deepEqual(to('{"clientId":"c1","msg":"hi"}'), { clientId: 'c1' });
    assert.deepEqual(to('{"clientIds":["c1","c2"],"code":1}'), { clientIds: ['c1', 'c2'] });
    assert.deepEqual(to('{"groupName":"g","systemId":"shop"}'), { groupName: 'g' });
    assert.equal(to('{"systemId":"shop"}'), undefined);
  });

  test('keeps its data as it was written', () => {
    const [publication] = parse(
      '{"clientId":"c1","sendUserId":"u","code":7,"msg":"hi","data":{"price": 1.0, "n":9007199254740993}}',
    );
    assert.ok(publication?.form === 'push');
    const { message } = publication;
    const { messageId } = message;
    assert.deepEqual(message, {
      ...{ kind: 'push', messageId, sendUserId: 'u', code: 7, msg: 'hi' },
      data: '{"price": 1.0, "n":9007199254740993}',
    });
  });

  test('that could mean everyone by mistake is refused with the field', () => {
    const cases: readonly [string, string, RegExp][] = [
      ['{}', 'systemId', /is missing/],
      ['{"msg":"hi"}', 'systemId', /is missing/],
      ['{"systemId":null,"msg":"hi"}', 'systemId', /is missing/],
      ['{"systemId":"shop","clientId":"","msg":"hi"}', 'clientId', /not empty/],
      ['{"systemId":"shop","clientId":null,"msg":"hi"}', 'clientId', /not empty/],
      ['{"systemId":"shop","groupName":7}', 'groupName', /not empty/],
      ['{"systemId":"shop","clientIds":null}', 'clientIds', /array of strings/],
      ['{"systemId":"shop","clientIds":"c1"}', 'clientIds', /array of strings/],
      ['{"systemId":"shop","clientIds":["c1",2]}', 'clientIds', /array of strings/],
      ['{"systemId":"shop","clientId":"c","groupName":"g"}', 'groupName', /both given/],
      ['{"systemId":"shop","group":"g","msg":"hi"}', 'group', /not known/],
      ['{"systemId":"shop","clientID":"c","msg":"hi"}', 'clientID', /did you mean "clientId"/],
      ['{"systemId":"shop","Uid":"u","msg":"hi"}', 'systemId', /is no field of MessagesPubProto/],
      ['{"clientId":"c","code":"7"}', 'code', /must be an integer/],
      ['{"clientId":"c","msg":7}', 'msg', /must be a string/],
    ];
    for (const [text, field, words] of cases) {
      const error = refusal(text);
      assert.equal(error.field, field, text);
      assert.match(error.message, words, text);
    }
  });
});

test('JSON that is changed at random is refused with bad_request, or read', () => {
  const random = createRandom(49);
  const texts = [
    '{"Uid":"a","act":1,"Cid":"5","msg":[{"id":1,"content":{"k":[1,{"x":null}]},"receiver":"b"}]}',
    '[{"clientIds":["c1"],"data":{"a":1}},{"systemId":"shop","msg":"云雀"}]',
  ];
  for (let round = 0; round < 10_000; round += 1) {
    const body = Buffer.from(texts[round % 2] ?? '');
    for (let change = pick(random, 3); change >= 0; change -= 1) {
      body[1 + pick(random, body.length - 1)] =
        random() < 0.5 ? pick(random, 256) : '{}[]",:0nt'.charCodeAt(pick(random, 10));
    }
    try {
      decodeBody(body, publicationRules);
    } catch (error) {
      assert.ok(error instanceof YunqueError && error.code === 'bad_request', `${String(error)}: ${body.toString()}`);
    }
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionFields, groupFields, memberFields, systemFields, userFields } from '../../../src/api/list-fields.ts';
import type { ConnectionInfo, GroupInfo, MemberInfo, SystemInfo, UserInfo } from '../../../src/api/listing.ts';

/** Names of `Row` that `Fields` lacks. */
type Missing<Row, Fields extends readonly string[]> = Exclude<keyof Row, Fields[number]>;

/** Does not compile where a list lacks a field. */
const missing: readonly never[] = [] as (
  | Missing<ConnectionInfo, typeof connectionFields>
  | Missing<UserInfo, typeof userFields>
  | Missing<GroupInfo, typeof groupFields>
  | Missing<MemberInfo, typeof memberFields>
  | Missing<SystemInfo, typeof systemFields>
)[];

test('each list names every field of its rows, once', () => {
  assert.deepEqual(missing, []);
  for (const fields of [connectionFields, userFields, groupFields, memberFields, systemFields]) {
    assert.equal(new Set<string>(fields).size, fields.length);
  }
});

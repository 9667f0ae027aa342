export type Expected = 'string' | 'strings';

/** How a family words what is wrong with a field. */
export interface Wording {
  missing(field: string): string;
  wrongType(field: string, expected: Expected): string;
  tooLong(field: string, maxBytes: number): string;
  tooMany(field: string, max: number): string;
}

const zhExpected: Readonly<Record<Expected, string>> = {
  string: '字符串',
  strings: '字符串数组',
};

/** The words of go-playground/validator's Chinese translation, which go-websocket answers with, where it has some. */
export const chinese: Wording = {
  missing: (field) => `${field}为必填字段`,
  wrongType: (field, expected) => `${field}必须是${zhExpected[expected]}`,
  tooLong: (field, maxBytes) => `${field}长度不能超过${maxBytes}个字节`,
  tooMany: (field, max) => `${field}最多只能包含${max}项`,
};

const enExpected: Readonly<Record<Expected, string>> = {
  string: 'a string',
  strings: 'an array of strings',
};

export const english: Wording = {
  missing: (field) => `${field} is required`,
  wrongType: (field, expected) => `${field} must be ${enExpected[expected]}`,
  tooLong: (field, maxBytes) => `${field} must not be longer than ${maxBytes} bytes`,
  tooMany: (field, max) => `${field} must not have more than ${max} entries`,
};

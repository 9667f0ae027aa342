import type { TObject, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import { Value } from '@sinclair/typebox/value';
import { YunqueError } from '../../../api/errors.ts';

interface RouteSchema {
  readonly schema: unknown;
  readonly httpPart?: string;
}

type Validate = (value: unknown) => { readonly value: unknown } | { readonly error: YunqueError };

/**
 * Fastify's validator, with TypeBox instead of ajv: bodies are taken as they are, query parameters are read as the type
 * they should have, and what is wrong is said with the field's name. Compiled when first needed.
 */
export function compileValidator({ schema, httpPart }: RouteSchema): Validate {
  const typed = schema as TSchema;
  let check: ReturnType<typeof TypeCompiler.Compile> | undefined;
  return (given) => {
    check ??= TypeCompiler.Compile(typed);
    const value = httpPart === 'querystring' ? Value.Convert(typed, given) : given;
    if (check.Check(value)) return { value };
    const first = check.Errors(value).First();
    return { error: first === undefined ? new YunqueError('bad_request') : describe(mostExact(first)) };
  };
}

/** Of a union, the first fault of the alternative that was meant: of the right type, and with the literals that fit. */
function mostExact(error: ValueError): ValueError {
  if (error.type !== ValueErrorType.Union) return error;
  const alternatives = error.errors.map((errors) => [...errors]);
  const isElsewhere = ({ type, path }: ValueError) => type !== ValueErrorType.Literal && path !== error.path;
  const meant = alternatives.find((errors) => errors.every(isElsewhere))?.[0];
  return meant === undefined ? error : mostExact(meant);
}

function describe(error: ValueError): YunqueError {
  const field = error.path.slice(1).replaceAll('/', '.');
  const name = field === '' ? 'the body' : field;
  const more = field === '' ? {} : { field };
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const parent = error.schema as TObject;
    const hint = `known here: ${Object.keys(parent.properties).join(', ')}`;
    return new YunqueError('bad_request', `${name} is not a field of this request`, { ...more, hint });
  }
  if (error.type === ValueErrorType.ObjectRequiredProperty) {
    return new YunqueError('bad_request', `${name} is required`, more);
  }
  const { description } = error.schema;
  const message = `${name}: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  return new YunqueError('bad_request', message, description === undefined ? more : { ...more, hint: description });
}

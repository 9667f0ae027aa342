/** Says where a value is not what it should be (`.nodes[3].pid`, empty for the value itself); undefined: it is. */
export type Shape = (value: unknown) => string | undefined;

const ok = undefined;
const wrong = '';

export const isText: Shape = (value) => (typeof value === 'string' ? ok : wrong);
export const isNumber: Shape = (value) => (Number.isFinite(value) ? ok : wrong);
export const isFlag: Shape = (value) => (typeof value === 'boolean' ? ok : wrong);

/** Milliseconds since the epoch, of a moment that a calendar has. */
export const isTime: Shape = (value) =>
  typeof value === 'number' && !Number.isNaN(new Date(value).getTime()) ? ok : wrong;

export function isOneOf(...values: readonly unknown[]): Shape {
  return (value) => (values.includes(value) ? ok : wrong);
}

export function isOptional(shape: Shape): Shape {
  return (value) => (value === undefined ? ok : shape(value));
}

export function isEither(...shapes: readonly Shape[]): Shape {
  return (value) => (shapes.some((shape) => shape(value) === ok) ? ok : wrong);
}

export function isListOf(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return wrong;
    for (const [at, item] of value.entries()) {
      const place = shape(item);
      if (place !== ok) return `[${at}]${place}`;
    }
    return ok;
  };
}

/** An object whose members are all of a shape, whatever they are called. */
export function isRecordOf(shape: Shape): Shape {
  return (value) => {
    if (!isObject(value)) return wrong;
    for (const [name, item] of Object.entries(value)) {
      const place = shape(item);
      if (place !== ok) return `.${name}${place}`;
    }
    return ok;
  };
}

/** An object with every member of `T`; what else is in it does not matter. */
export function isLike<T extends object>(shapes: { readonly [F in keyof T]-?: Shape }): Shape {
  const named = Object.entries(shapes) as [string, Shape][];
  return (value) => {
    if (!isObject(value)) return wrong;
    for (const [name, shape] of named) {
      const place = shape(Object.hasOwn(value, name) ? value[name] : undefined);
      if (place !== ok) return `.${name}${place}`;
    }
    return ok;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

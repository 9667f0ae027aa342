import protobuf from 'protobufjs';
import descriptor, { type IDescriptorProto } from 'protobufjs/ext/descriptor.js';

/** A .proto file of one package that imports none, as the FileDescriptorProto that protoc makes of it. */
export function fileDescriptor(path: string, name: string): Buffer {
  const root = new protobuf.Root().loadSync(path, { keepCase: true });
  root.resolveAll();
  const { file } = root.toDescriptor('proto3');
  const [own] = file ?? [];
  if (own?.messageType == null || file?.length !== 1) throw new Error(`${path} is not one file of one package`);
  own.name = name;
  for (const type of own.messageType) nameEntries(type);
  const scope = `.${own.package}`;
  const known = new Set(own.messageType.flatMap((type) => namesIn(scope, type)));
  for (const type of own.messageType) qualify(scope, type, known);
  return Buffer.from(descriptor.FileDescriptorProto.encode(own).finish());
}

/** The types of maps are called `…Entry`: what reads descriptors checks it, and protobufjs leaves it out. */
function nameEntries({ field, nestedType }: IDescriptorProto): void {
  for (const nested of nestedType ?? []) {
    if (nested.options?.mapEntry !== true) continue;
    const before = nested.name;
    nested.name = `${before}Entry`;
    for (const each of field ?? []) if (each.typeName === before) each.typeName = nested.name;
  }
}

function namesIn(scope: string, { name, nestedType, enumType }: IDescriptorProto): string[] {
  const own = `${scope}.${name}`;
  const enums = (enumType ?? []).map((each) => `${own}.${each.name}`);
  return [own, ...enums, ...(nestedType ?? []).flatMap((each) => namesIn(own, each))];
}

/** protobufjs leaves the names of types as they are written; not every reader looks them up in the scopes around. */
function qualify(scope: string, { name, field, nestedType }: IDescriptorProto, known: ReadonlySet<string>): void {
  const own = `${scope}.${name}`;
  for (const each of field ?? []) {
    const { typeName } = each;
    if (typeName == null || typeName === '' || typeName.startsWith('.')) continue;
    const full = scopesFrom(own)
      .map((outer) => `${outer}.${typeName}`)
      .find((candidate) => known.has(candidate));
    if (full === undefined) throw new Error(`${own}: there is no type ${typeName}`);
    each.typeName = full;
  }
  for (const nested of nestedType ?? []) qualify(own, nested, known);
}

/** `.a.b`, `.a` and ''. */
function scopesFrom(scope: string): string[] {
  return scope === '' ? [''] : [scope, ...scopesFrom(scope.slice(0, scope.lastIndexOf('.')))];
}

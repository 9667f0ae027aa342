import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import { fileDescriptors } from '../../wire/proto/descriptors.js';
import { grpc } from '../../wire/proto/reflection.js';

const { ServerReflectionRequest, ServerReflectionResponse } = grpc.reflection.v1;

/** What is on this port, as it is listed. */
const services = ['yunque.v1.Push', 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection'] as const;

/** The package of each file. */
const fileOfPackage: readonly (readonly [prefix: string, file: string])[] = [
  ['yunque.v1.', 'push.proto'],
  ['grpc.health.v1.', 'health.proto'],
  ['grpc.reflection.v1.', 'reflection.proto'],
];

type Asked = grpc.reflection.v1.ServerReflectionRequest;
type Answer = grpc.reflection.v1.ServerReflectionResponse.$Properties;

/** The reflection service, of which tools such as grpcurl learn the methods and messages. Symbols are told by the file of their package. */
export function reflect(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on('error', () => {});
  call.on('data', (bytes: Buffer) => {
    let request: Asked;
    try {
      request = ServerReflectionRequest.decode(bytes) as Asked;
    } catch {
      call.emit('error', { code: status.INVALID_ARGUMENT, details: 'the message cannot be read' });
      return;
    }
    const answer = { valid_host: request.host, original_request: request, ...answerTo(request) };
    if (!call.write(Buffer.from(ServerReflectionResponse.encode(answer).finish()))) {
      call.pause();
      call.once('drain', () => call.resume());
    }
  });
  call.on('end', () => call.end());
}

function answerTo(request: Asked): Answer {
  if (request.list_services != null) {
    return { list_services_response: { service: services.map((name) => ({ name })) } };
  }
  if (request.file_by_filename != null) return fileAnswer(request.file_by_filename, request.file_by_filename);
  if (request.file_containing_symbol != null) {
    const symbol = request.file_containing_symbol;
    const [, file] = fileOfPackage.find(([prefix]) => symbol.startsWith(prefix) && isKnown(symbol, prefix)) ?? [];
    return fileAnswer(file, symbol);
  }
  return failed(status.NOT_FOUND, 'there are no extensions here');
}

/** The first name after the package is one that its file has: names are in it as they are written. */
function isKnown(symbol: string, prefix: string): boolean {
  const [, file = ''] = fileOfPackage.find(([each]) => each === prefix) ?? [];
  const [name = ''] = symbol.slice(prefix.length).split('.');
  return name !== '' && namesOf(file).includes(Buffer.from([name.length, ...Buffer.from(name)]));
}

function namesOf(file: string): Buffer {
  return Buffer.from(fileDescriptors[file] ?? '', 'base64');
}

function fileAnswer(file: string | undefined, asked: string): Answer {
  if (file === undefined || fileDescriptors[file] === undefined) {
    return failed(status.NOT_FOUND, `${asked.slice(0, 200)} is not here`);
  }
  return { file_descriptor_response: { file_descriptor_proto: [namesOf(file)] } };
}

function failed(code: number, message: string): Answer {
  return { error_response: { error_code: code, error_message: message } };
}

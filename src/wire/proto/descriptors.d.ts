/** FileDescriptorProto of each file that the reflection service tells of, in base64, by file name. */
export const fileDescriptors: Readonly<Record<string, string>>;

import { invariant } from '@qt/kernel';

type PackedArray = Float32Array | Float64Array | Uint8Array | Uint16Array;

/** Returns the bytes of the numbers as base64 text: a third of the length of their decimals, and the same bits when read back. */
export const packFloats = (values: PackedArray): string => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};

/**
 * Reads packed numbers into an array of the length they were packed from.
 *
 * Throws: InvariantError when the text holds another number of values.
 */
export const unpackFloats = (text: string, into: PackedArray): void => {
  const characters = atob(text);
  invariant(
    characters.length === into.byteLength,
    `packed state has ${into.byteLength} bytes, was ${characters.length}`,
  );
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = characters.charCodeAt(index);
};

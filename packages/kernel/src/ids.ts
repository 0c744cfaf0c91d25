import { createHash } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const digestOf = (parts: readonly (string | number)[]): Buffer =>
  createHash('sha256').update(parts.join('\u001f')).digest();

/**
 * Returns a UUIDv7 whose time is `timeMs` and whose random bits are a digest of `parts`: the same cause always has the same id,
 * and ids sort by time.
 *
 * Source: RFC 9562, section 5.7 (the random bits may come from any source that keeps ids unique).
 */
export const uuidOf = (timeMs: number, ...parts: readonly (string | number)[]): string => {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(timeMs, 0, 6);
  digestOf(parts).copy(bytes, 6, 0, 10);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/**
 * Returns a ULID (26 characters of Crockford's alphabet) whose time is `timeMs` and whose randomness is a digest of `parts`.
 *
 * Source: the ULID specification; 48 bits of time, 80 bits of randomness.
 */
export const ulidOf = (timeMs: number, ...parts: readonly (string | number)[]): string => {
  const random = digestOf(parts).subarray(0, 10);
  let value = (BigInt(timeMs) << 80n) | BigInt(`0x${random.toString('hex')}`);
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = CROCKFORD.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
};

import { describe, expect, it } from '@jest/globals';
import { ulidOf, uuidOf } from './ids.ts';

describe('uuidOf', () => {
  it('is a version 7 UUID that starts with its time', () => {
    const id = uuidOf(0x017f22e279b0, 'exec-risk-service', 'order.filled', 7);
    // 017f22e2-79b0 is the time of RFC 9562's own example, appendix A.6.
    expect(id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is the same for the same cause and another for another', () => {
    expect(uuidOf(1, 'a', 1)).toBe(uuidOf(1, 'a', 1));
    expect(uuidOf(1, 'a', 1)).not.toBe(uuidOf(1, 'a', 2));
    expect(uuidOf(1, 'a', 'b')).not.toBe(uuidOf(1, 'ab'));
  });
});

describe('ulidOf', () => {
  it('has 26 characters of Crockford base 32 and sorts by time', () => {
    const earlier = ulidOf(1_469_918_176_385, 'x');
    // 01ARYZ6S41 is the time part of the ULID specification's example.
    expect(earlier).toMatch(/^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/);
    expect(earlier < ulidOf(1_469_918_176_386, 'a')).toBe(true);
  });
});

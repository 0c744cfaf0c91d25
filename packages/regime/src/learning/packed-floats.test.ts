import { describe, expect, it } from '@jest/globals';
import { InvariantError } from '@qt/kernel';
import fc from 'fast-check';
import { packFloats, unpackFloats } from './packed-floats.ts';

describe('packed floats', () => {
  it('property: come back with the same bits, whatever they are', () => {
    fc.assert(
      fc.property(fc.float64Array(), (values) => {
        const back = new Float64Array(values.length);
        unpackFloats(JSON.parse(JSON.stringify(packFloats(values))) as string, back);
        expect(new Uint8Array(back.buffer)).toEqual(new Uint8Array(Float64Array.from(values).buffer));
      }),
    );
  });

  it('keeps minus zero and single precision', () => {
    const back = new Float32Array(2);
    unpackFloats(packFloats(new Float32Array([-0, 0.1])), back);
    expect(Object.is(back[0], -0)).toBe(true);
    expect(back[1]).toBe(Math.fround(0.1));
  });

  it('refuses text of another length', () => {
    expect(() => unpackFloats(packFloats(new Float32Array(3)), new Float32Array(4))).toThrow(InvariantError);
  });
});

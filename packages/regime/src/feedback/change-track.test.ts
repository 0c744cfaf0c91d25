import { describe, expect, it } from '@jest/globals';
import { ChangeTrack, type ChangeTrackState } from './change-track.ts';

const run = (track: ChangeTrack, regimeIds: readonly number[]): number =>
  regimeIds.reduce((undone, regimeId) => undone + track.add(regimeId), 0);
const stretch = (regimeId: number, candles: number): readonly number[] => Array<number>(candles).fill(regimeId);
const repeat = (pattern: readonly number[], times: number): readonly number[] =>
  Array.from({ length: times }, () => pattern).flat();

describe('ChangeTrack', () => {
  it.each([
    { name: 'a change that stays is kept', pattern: [...stretch(1, 30), ...stretch(2, 30)], keptRatio: 1 },
    { name: 'one undone after 5 candles is not', pattern: [...stretch(1, 30), ...stretch(2, 5)], keptRatio: 0 },
    {
      name: 'one left for a third regime is kept, the third is judged by itself',
      pattern: [...stretch(1, 30), ...stretch(2, 5), ...stretch(3, 30)],
      keptRatio: 1,
    },
  ])('$name', ({ pattern, keptRatio }) => {
    const track = new ChangeTrack(1);
    run(track, repeat(pattern, 10));
    expect(track.keptRatio).toBeCloseTo(keptRatio, 9);
  });

  it('counts ten candles: undone on the tenth, kept on the eleventh', () => {
    const tenth = new ChangeTrack(1);
    expect(run(tenth, [...stretch(1, 5), ...stretch(2, 10), 1])).toBe(1);
    const eleventh = new ChangeTrack(1);
    expect(run(eleventh, [...stretch(1, 5), ...stretch(2, 11), 1])).toBe(0);
  });

  it('fails whoever flips on every candle', () => {
    const track = new ChangeTrack(0.999);
    run(track, repeat([1, 2], 1_000));
    expect(track.keptRatio).toBeLessThan(0.01);
    expect(track.changesPer1000).toBeGreaterThan(900);
  });

  it('says nothing of whoever never changes', () => {
    const track = new ChangeTrack(0.999);
    run(track, stretch(4, 2_000));
    expect(track.keptRatio).toBeNull();
    expect(track.changesPer1000).toBe(0);
  });

  it('continues bit for bit from a state saved as text', () => {
    const pattern = repeat([...stretch(1, 7), ...stretch(2, 3), ...stretch(5, 20)], 9);
    const whole = new ChangeTrack(0.99);
    const first = new ChangeTrack(0.99);
    run(whole, pattern);
    run(first, pattern.slice(0, 129));
    const second = new ChangeTrack(0.99);
    second.restore(JSON.parse(JSON.stringify(first.save())) as ChangeTrackState);
    run(second, pattern.slice(129));
    expect(second.save()).toEqual(whole.save());
  });
});

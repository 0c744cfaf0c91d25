import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { aCandle } from '@qt/testing';
import { MarketTrack } from './market-track.ts';

const HOUR_MS = 3_600_000;
const aTrack = (): MarketTrack => new MarketTrack({ symbol: 'BTCUSDT', interval: '1h', snapshotOffset: 0 });

const market = (count: number) => {
  const random = seededRandom(11);
  let price = 30_000;
  return Array.from({ length: count }, (_, index) => {
    const open = price;
    price *= Math.exp((random() - 0.5) * 0.02);
    const [low, high] = [Math.min(open, price) * 0.999, Math.max(open, price) * 1.001];
    const texts = { open: open.toFixed(2), high: high.toFixed(2), low: low.toFixed(2), close: price.toFixed(2) };
    return aCandle({ openTimeMs: index * HOUR_MS, ...texts });
  });
};

describe('steps that tasks ask for', () => {
  it('are taken with the next candle, whose state is saved: a restart from it goes on bit for bit', () => {
    const candles = market(260);
    const track = aTrack();
    for (const candle of candles.slice(0, 210)) track.classify(candle);
    track.snapshotSaved();
    track.ask('update_transition_matrix');
    expect(track.dueSnapshot()).toBeNull();
    track.classify(candles[210]!);
    const snapshot = track.dueSnapshot();
    expect(snapshot).toMatchObject({ openTimeMs: 210 * HOUR_MS });
    track.snapshotSaved();

    const restarted = aTrack();
    expect(restarted.restore(JSON.parse(JSON.stringify(snapshot)) as NonNullable<typeof snapshot>)).toBeNull();
    for (const candle of candles.slice(211)) expect(restarted.classify(candle)).toEqual(track.classify(candle));
    expect(restarted.engine.save()).toEqual(track.engine.save());
    // Taken once.
    expect(restarted.dueSnapshot()).toBeNull();
  });

  it('wait while a candle is refused', () => {
    const candles = market(3);
    const track = aTrack();
    track.classify(candles[0]!);
    track.ask('snapshot');
    expect(track.classify({ ...candles[1]!, high: '1' }).kind).toBe('refused');
    expect(track.dueSnapshot()).toBeNull();
    track.classify(candles[1]!);
    expect(track.dueSnapshot()).toMatchObject({ openTimeMs: HOUR_MS });
  });

  it('wait for a later candle when they are the heavy one and it may not be now; the others do not', () => {
    const candles = market(1_010);
    const track = aTrack();
    for (const candle of candles.slice(0, 1_000)) track.classify(candle);
    track.snapshotSaved();
    track.ask('optimize_boundaries');
    track.ask('snapshot');
    track.classify(candles[1_000]!, { mayOptimize: false });
    expect({ waits: track.asksForOptimization, isSaved: track.dueSnapshot() !== null }).toEqual({
      waits: true,
      isSaved: true,
    });
    const boundaries = () => track.engine.view('dynamic_boundary_optimizer').debug;
    const before = boundaries();
    track.classify(candles[1_001]!);
    expect(track.asksForOptimization).toBe(false);
    expect(boundaries()).not.toEqual(before);
  });
});

describe('steps where candles move time', () => {
  const aTrackOf = (stepPlace: number | null): MarketTrack =>
    new MarketTrack({ symbol: 'BTCUSDT', interval: '1h', snapshotOffset: 0, stepPlace });
  const optimizations = (track: MarketTrack) => track.engine.view('dynamic_boundary_optimizer').debug;

  it('are taken by the hour of the candles: two replays are the same, also by way of a restart', () => {
    // Optimized from some 900 candles on: before, there is too little to look back at.
    const candles = market(930);
    const [first, second, alone] = [aTrackOf(0), aTrackOf(0), aTrackOf(null)];
    const said = candles.map((candle) => first.classify(candle));
    for (const candle of candles) alone.classify(candle);
    expect(optimizations(alone)).toMatchObject({ candidate: null });
    expect(optimizations(first)).not.toMatchObject({ candidate: null });

    for (const candle of candles.slice(0, 905)) second.classify(candle);
    const snapshot = second.dueSnapshot();
    const restarted = aTrackOf(0);
    expect(restarted.restore(JSON.parse(JSON.stringify(snapshot)) as NonNullable<typeof snapshot>)).toBeNull();
    expect(candles.slice(905).map((candle) => restarted.classify(candle))).toEqual(said.slice(905));
    expect(restarted.engine.save()).toEqual(first.engine.save());
  });

  it('need no state saved, and leave the work that no engine does to be asked for', () => {
    const track = aTrackOf(0);
    const asked: string[] = [];
    const saved: number[] = [];
    market(1_200).forEach((candle, index) => {
      track.classify(candle);
      asked.push(...track.takeTasks().map(({ kind }) => kind));
      if (track.dueSnapshot() === null) return;
      saved.push(index);
      track.snapshotSaved();
    });
    expect(asked).toContain('audit');
    expect(asked).not.toContain('optimize_boundaries');
    expect(asked).not.toContain('update_transition_matrix');
    expect(saved).toEqual(Array.from({ length: 24 }, (_, index) => 49 + 50 * index));
  });
});

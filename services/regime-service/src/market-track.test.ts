import { describe, expect, it } from '@jest/globals';
import type { RegimeSnapshot } from '@qt/database';
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

describe('the state of a market', () => {
  it('is wanted after 50 candles, and goes with the candle only after 100', () => {
    const candles = market(200);
    const track = aTrack();
    const asked = () => ({ isWanted: track.wantsSnapshot, isDue: track.dueSnapshot() !== null });
    expect(track.snapshot()).toBeNull();
    for (const candle of candles.slice(0, 49)) track.classify(candle);
    expect(asked()).toEqual({ isWanted: false, isDue: false });
    track.classify(candles[49]!);
    expect(asked()).toEqual({ isWanted: true, isDue: false });
    expect(track.snapshot()).toMatchObject({ openTimeMs: 49 * HOUR_MS });
    for (const candle of candles.slice(50, 99)) track.classify(candle);
    expect(asked()).toEqual({ isWanted: true, isDue: false });
    track.classify(candles[99]!);
    expect(asked()).toEqual({ isWanted: true, isDue: true });
    track.snapshotSaved();
    expect(asked()).toEqual({ isWanted: false, isDue: false });
  });
});

describe('states of markets that are saved together once, as at the first start', () => {
  it.each([0, 7, 49])('are not saved together from then on: with an offset of %s', (snapshotOffset) => {
    const candles = market(120);
    const track = new MarketTrack({ symbol: 'BTCUSDT', interval: '1h', snapshotOffset });
    track.ask('snapshot');
    track.classify(candles[0]!);
    track.snapshotSaved();
    const wantedAfter: number[] = [];
    for (let at = 1; at < 120; at += 1) {
      track.classify(candles[at]!);
      if (!track.wantsSnapshot) continue;
      wantedAfter.push(at);
      track.snapshotSaved();
    }
    expect(wantedAfter.slice(0, 2)).toEqual([50 - snapshotOffset, 100 - snapshotOffset]);
  });
});

describe('other parameters', () => {
  it('are taken in at once, and the state is wanted soon: a restart would replay the candles before with them', () => {
    const [first, second] = market(2);
    const track = aTrack();
    track.classify(first!);
    track.snapshotSaved();
    track.configure({ transition: { levelMarginRatio: 0.4 } });
    expect(track.engine.parameters.transition.levelMarginRatio).toBe(0.4);
    track.classify(second!);
    expect({ isWanted: track.wantsSnapshot, isDue: track.dueSnapshot() !== null }).toEqual({
      isWanted: true,
      isDue: false,
    });
  });
});

describe('steps that tasks ask for', () => {
  /** Candles after which each step finds something to do. */
  const SEEN = 1_100;
  let saved: RegimeSnapshot | null = null;
  /** The state after so many candles, made once. */
  const before = (): RegimeSnapshot => {
    if (saved !== null) return saved;
    const track = aTrack();
    for (const candle of market(SEEN)) track.classify(candle);
    saved = track.snapshot();
    return saved!;
  };
  const restoredFrom = (snapshot: RegimeSnapshot): MarketTrack => {
    const track = aTrack();
    expect(track.restore(JSON.parse(JSON.stringify(snapshot)) as RegimeSnapshot)).toBeNull();
    return track;
  };

  it.each([
    { step: 'update_transition_matrix', component: 'transition_matrix_analyzer', later: 50 },
    // A refit runs in the shadow for 500 candles and is then judged.
    { step: 'refit_learners', component: 'continuous_learning_engine', later: 520 },
    { step: 'optimize_boundaries', component: 'dynamic_boundary_optimizer', later: 50 },
  ] as const)(
    'are taken with the next candle, whose state is saved: a restart from it goes on bit for bit ($step)',
    ({ step, component, later }) => {
      const [candle, ...after] = market(SEEN + 1 + later).slice(SEEN);
      const [track, alone] = [restoredFrom(before()), restoredFrom(before())];
      track.ask(step);
      expect(track.dueSnapshot()).toBeNull();
      for (const one of [track, alone]) one.classify(candle!);
      expect(track.engine.view(component)).not.toEqual(alone.engine.view(component));
      const snapshot = track.dueSnapshot();
      expect(snapshot).toMatchObject({ openTimeMs: SEEN * HOUR_MS });

      const restarted = restoredFrom(snapshot!);
      // Taken once.
      expect(restarted.dueSnapshot()).toBeNull();
      const [said, again] = [track, restarted].map((one) => after.map((each) => one.classify(each)));
      expect(JSON.stringify(again)).toBe(JSON.stringify(said));
      expect(JSON.stringify(restarted.engine.save())).toBe(JSON.stringify(track.engine.save()));
    },
  );

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

  it('are taken by the hour of the candles, so that two replays are the same, also by way of a restart; what no engine does is asked for', () => {
    // The figures ask from some 1,050 candles on; boundaries are optimized from some 900 on: before, there is too little to look back at.
    const candles = market(1_200);
    const track = aTrackOf(0);
    const alone = aTrackOf(null);
    const asked: string[] = [];
    const saved: boolean[] = [];
    let state = '';
    const said = candles.map((candle, index) => {
      const update = track.classify(candle);
      alone.classify(candle);
      asked.push(...track.takeTasks().map(({ kind }) => kind));
      // No state is saved because of a step: a restart takes it again.
      const isDue = track.dueSnapshot() !== null;
      saved.push(isDue === (alone.dueSnapshot() !== null));
      if (isDue) for (const one of [track, alone]) one.snapshotSaved();
      if (index === 904) state = JSON.stringify(track.engine.save());
      return update;
    });
    expect(optimizations(alone)).toMatchObject({ candidate: null, decisions: [] });
    expect(optimizations(track)).not.toMatchObject({ candidate: null, decisions: [] });
    expect(new Set(asked)).toEqual(new Set(['audit']));
    expect(new Set(saved)).toEqual(new Set([true]));

    const restarted = aTrackOf(0);
    const snapshot = {
      symbol: 'BTCUSDT',
      interval: '1h',
      openTimeMs: 904 * HOUR_MS,
      state: JSON.parse(state),
    } as const;
    expect(restarted.restore(snapshot)).toBeNull();
    const again = candles.slice(905).map((candle) => {
      const update = restarted.classify(candle);
      restarted.takeTasks();
      return update;
    });
    expect(again).toEqual(said.slice(905));
    expect(restarted.engine.save()).toEqual(track.engine.save());
  });
});

describe('hot parameters set before a market is up', () => {
  it('are those of its lesson, and of the engine in place of one that could not be restored', () => {
    const track = new MarketTrack({ symbol: 'BTCUSDT', interval: '1m', snapshotOffset: 0 });
    track.configure({ learning: { capRatio: 0.11 } });
    expect(track.lessonOf([], { tellsEach: false }).options.parameters?.learning).toEqual({ capRatio: 0.11 });
    const state = { ...track.engine.save(), reader: null };
    expect(track.restore({ symbol: 'BTCUSDT', interval: '1m', openTimeMs: 0, state })).not.toBeNull();
    expect(track.engine.parameters.learning).toEqual({ capRatio: 0.11 });
  });
});

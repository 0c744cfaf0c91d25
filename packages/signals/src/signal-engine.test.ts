import { describe, expect, it } from '@jest/globals';
import { closedAtMs, type RegimeClassified, SignalGenerated } from '@qt/contracts';
import { InvariantError, uuidOf } from '@qt/kernel';
import { classify, readCandles } from '../test/real-market.ts';
import { ENSEMBLE_ID } from './ensemble.ts';
import { FEATURE_WARMUP_CANDLES } from './features.ts';
import { builtInModels, ModelRegistry } from './model-registry.ts';
import {
  type SignalDecision,
  SignalEngine,
  type SignalEngineOptions,
  type SignalEngineState,
} from './signal-engine.ts';

const options: SignalEngineOptions = {
  symbol: 'BTCUSDT',
  interval: '1h',
  registry: builtInModels,
  horizonCandles: 12,
  minConfidenceRatio: 0.52,
};
const history = classify(readCandles('BTCUSDT_um_1h_20230101-20240630', { limit: 3_000 }));
const decide = (engine: SignalEngine, candles: readonly RegimeClassified[]): SignalDecision[] =>
  candles.map((candle) => engine.update(candle));
const whole = decide(new SignalEngine(options), history);
const signals = whole.flatMap((decision) => (decision.kind === 'signal' ? [decision.signal] : []));

describe('SignalEngine on real candles', () => {
  it('gives signals that fit their contract, expire at the next close and have an id made of their cause', () => {
    expect(signals.length).toBeGreaterThan(100);
    for (const signal of signals) {
      expect(SignalGenerated.payload.parse(signal)).toEqual(signal);
      expect(signal.confidence).toBeGreaterThanOrEqual(0.52);
      expect(signal.expiresAtMs).toBe(signal.candleClosedAtMs + 3_600_000);
      expect(signal.signalId).toBe(uuidOf(signal.candleClosedAtMs, 'signal', 'BTCUSDT', '1h', ENSEMBLE_ID));
    }
  });

  it('says nothing while features or regime warm up', () => {
    const firstVotes = whole.findIndex((decision) => decision.kind !== 'ignored' && decision.votes.length > 0);
    expect(firstVotes).toBe(FEATURE_WARMUP_CANDLES - 1);
    history.forEach(({ state }, index) => {
      if (state === 'warming') expect(whole[index]?.kind).toBe('warming');
    });
  });

  it('looks at nothing that comes later: a shorter history gives the same decisions', () => {
    for (const length of [50, 260, 777, 1_500]) {
      expect(decide(new SignalEngine(options), history.slice(0, length))).toEqual(whole.slice(0, length));
    }
  });

  it('goes on exactly where it was saved as text', () => {
    for (const cut of [1, 30, 55, 400, 1_201]) {
      const before = new SignalEngine(options);
      decide(before, history.slice(0, cut));
      const saved = JSON.parse(JSON.stringify(before.save())) as SignalEngineState;
      const after = new SignalEngine(options, saved);
      expect(decide(after, history.slice(cut))).toEqual(whole.slice(cut));
      expect(saved).toEqual(before.save());
    }
  });

  it('remembers a bounded amount', () => {
    const engine = new SignalEngine(options);
    decide(engine, history.slice(0, 500));
    const early = JSON.stringify(engine.save()).length;
    decide(engine, history.slice(500));
    expect(JSON.stringify(engine.save()).length).toBeLessThan(early * 1.5);
  });

  it('ignores candles that are not newer, whatever they say', () => {
    const engine = new SignalEngine(options);
    const mixed = history.slice(0, 600).flatMap((candle, index) => [candle, candle, history[Math.max(0, index - 3)]!]);
    const made = decide(engine, mixed).filter(({ kind }) => kind !== 'ignored');
    expect(made).toEqual(whole.slice(0, 600));
  });

  it('begins its features anew after a gap, drops what it cannot settle, and keeps what it learned', () => {
    const engine = new SignalEngine(options);
    decide(engine, history.slice(0, 1_000));
    const learnedBefore = engine.modelHealth().map(({ outcomes }) => outcomes);
    const after = decide(engine, history.slice(1_003, 1_100));
    expect(after[0]).toMatchObject({ kind: 'warming', reason: 'FEATURES', isAfterGap: true, settlement: null });
    expect(after[1]).toMatchObject({ isAfterGap: false });
    expect(after.slice(0, FEATURE_WARMUP_CANDLES - 1).every(({ kind }) => kind === 'warming')).toBe(true);
    expect(after[FEATURE_WARMUP_CANDLES - 1]?.kind).not.toBe('warming');
    expect(engine.modelHealth().every(({ outcomes }, index) => outcomes >= learnedBefore[index]! - 1e-9)).toBe(true);
  });

  it('settles an opinion with the close a horizon later', () => {
    whole.forEach((decision, index) => {
      if (decision.kind === 'ignored' || decision.settlement === null) return;
      const then = history[index - 12]!.candle;
      expect(decision.settlement.candleClosedAtMs).toBe(closedAtMs(then));
      expect(decision.settlement.returnRatio).toBe(Number(history[index]!.candle.close) / Number(then.close) - 1);
    });
  });

  it('is calibrated: over 18 months of BTC and ETH the mean confidence is near the share that came true', () => {
    for (const name of ['BTCUSDT_um_1h_20230101-20240630', 'ETHUSDT_um_1h_20230101-20240630']) {
      const candles = classify(readCandles(name));
      const engine = new SignalEngine(options);
      let confidence = 0;
      let right = 0;
      let settled = 0;
      candles.forEach((candle, index) => {
        const decision = engine.update(candle);
        const later = candles[index + 12];
        if (decision.kind !== 'signal' || later === undefined) return;
        const change = Number(later.candle.close) - Number(candle.candle.close);
        if (change === 0) return;
        settled += 1;
        confidence += decision.signal.confidence;
        if (change > 0 === (decision.signal.direction === 'long')) right += 1;
      });
      expect(settled).toBeGreaterThan(1_000);
      expect(Math.abs(confidence / settled - right / settled)).toBeLessThan(0.04);
    }
  });
});

describe('SignalEngine with broken models', () => {
  const [momentum, reversion] = builtInModels.list();
  const registryWith = (predict: NonNullable<typeof momentum>['model']['predict']) =>
    new ModelRegistry([{ ...momentum!, model: { ...momentum!.model, predict } }, reversion!]);

  it.each([
    {
      name: 'throws',
      state: 'failed',
      predict: () => {
        throw new Error('weights are missing');
      },
    },
    { name: 'gives no number', state: 'failed', predict: () => ({ direction: 'long' as const, score: Number.NaN }) },
    { name: 'always says the same', state: 'stuck', predict: () => ({ direction: 'long' as const, score: 0.615 }) },
  ])('one that $name is $state, holds, and the other goes on', ({ state, predict }) => {
    const engine = new SignalEngine({ ...options, registry: registryWith(predict) });
    const decisions = decide(engine, history.slice(0, 400));
    const [broken, healthy] = engine.modelHealth();
    expect(broken).toMatchObject({ modelId: 'momentum@1', state });
    expect(broken?.reason).not.toBeNull();
    expect(healthy).toMatchObject({ state: 'active', reason: null });
    const last = decisions.at(-1)!;
    if (last.kind !== 'ignored') expect(last.votes[0]).toMatchObject({ direction: 'hold', weight: 0 });
  });

  it('refuses a state that another engine saved', () => {
    const saved = new SignalEngine({ ...options, horizonCandles: 6 }).save();
    expect(() => new SignalEngine(options, saved)).toThrow(InvariantError);
  });
});

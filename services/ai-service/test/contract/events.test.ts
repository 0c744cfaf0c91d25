import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { RegimeClassified, SignalGenerated } from '@qt/contracts';
import { builtInModels, SignalEngine } from '@qt/signals';
import { classifiedHours } from '../support/real-market.ts';

const frozen = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../packages/contracts/fixtures/${name}.v1.json`, import.meta.url), 'utf8'));
const anEngine = () =>
  new SignalEngine({
    symbol: 'BTCUSDT',
    interval: '1h',
    registry: builtInModels,
    horizonCandles: 12,
    minConfidenceRatio: 0.52,
  });

describe('events of ai-service', () => {
  it('takes in the frozen regime.classified', () => {
    const classified = RegimeClassified.payload.parse(frozen('regime.classified'));
    expect(anEngine().update(classified)).toMatchObject({ kind: 'warming', reason: 'FEATURES' });
  });

  it('says signal.generated with the fields of the frozen one and no other', () => {
    const engine = anEngine();
    const signal = classifiedHours('BTCUSDT_um_1h_20230101-20240630', 400)
      .map((classified) => engine.update(classified))
      .find((decision) => decision.kind === 'signal')?.signal;
    const example = SignalGenerated.payload.parse(frozen('signal.generated'));
    expect(Object.keys(signal ?? {}).toSorted()).toEqual(Object.keys(example).toSorted());
  });
});

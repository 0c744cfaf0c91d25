import { describe, expect, it } from '@jest/globals';
import { InvariantError } from '@qt/kernel';
import { classify, readCandles } from '../test/real-market.ts';
import { STRENGTH_BINS, strengthBinOf } from './calibration.ts';
import { featuresOf } from './features.ts';
import { marketCandleOf } from './market-candle.ts';
import { builtInModels, ModelRegistry } from './model-registry.ts';

const HORIZON_CANDLES = 12;
const BEFORE_2023 = { toMs: Date.UTC(2023, 0, 1) };
const FITTED_ON = [
  'BTCUSDT_um_1h_20190908-20220727',
  'LTCUSDT_um_1h_20200109-20240630',
  'ETCUSDT_um_1h_20200116-20240630',
  'BTCUSDT_um_5m_20220601-20221124',
];

describe('ModelRegistry', () => {
  it('finds models by id and refuses to hold one twice', () => {
    expect(builtInModels.ids).toEqual(['momentum@1', 'mean-reversion@1']);
    expect(builtInModels.find('momentum@1')?.model.name).toBe('momentum');
    expect(builtInModels.find('momentum@2')).toBeNull();
    const [entry] = builtInModels.list();
    expect(() => new ModelRegistry([entry!, entry!])).toThrow(InvariantError);
  });

  it('ships the priors that the data before 2023 gives, to half a point', () => {
    const regime = classify(readCandles('BTCUSDT_um_1h_20230101-20240630', { limit: 1 }))[0]!;
    const right = new Map(builtInModels.ids.map((id) => [id, Array.from({ length: STRENGTH_BINS }, () => 0)]));
    const all = new Map(builtInModels.ids.map((id) => [id, Array.from({ length: STRENGTH_BINS }, () => 0)]));
    for (const name of FITTED_ON) {
      const candles = readCandles(name, BEFORE_2023).map(marketCandleOf);
      featuresOf(candles).forEach((features, index) => {
        const change = (candles[index + HORIZON_CANDLES]?.close ?? candles[index]!.close) - candles[index]!.close;
        if (features === null || change === 0) return;
        for (const { model } of builtInModels.list()) {
          const { direction, score } = model.predict(features, regime);
          if (direction === 'hold') continue;
          const bin = strengthBinOf(Math.abs(score));
          all.get(model.id)![bin]! += 1;
          if ((direction === 'long') === change > 0) right.get(model.id)![bin]! += 1;
        }
      });
    }
    for (const { model, priorRightRatios } of builtInModels.list()) {
      priorRightRatios.forEach((prior, bin) => {
        const counted = right.get(model.id)![bin]! / all.get(model.id)![bin]!;
        expect(Math.abs(counted - prior)).toBeLessThan(0.005);
      });
    }
  });
});

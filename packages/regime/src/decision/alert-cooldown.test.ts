import { describe, expect, it } from '@jest/globals';
import type { AlertKind, EngineAlert } from '../engine/classification.ts';
import { AlertCooldown } from './alert-cooldown.ts';

const raiseAt = (cooldown: AlertCooldown, candle: number, kind: AlertKind = 'data_gap'): readonly EngineAlert[] => {
  const alerts: EngineAlert[] = [];
  cooldown.raise(alerts, { kind, candle, cooldownCandles: 60, message: () => `at ${candle}` });
  return alerts;
};

describe('AlertCooldown', () => {
  it('lets one alert of a kind through, and the next after the pause', () => {
    const cooldown = new AlertCooldown('regime_stability_monitor');
    expect(raiseAt(cooldown, 10)).toEqual([
      { kind: 'data_gap', component: 'regime_stability_monitor', message: 'at 10' },
    ]);
    expect(raiseAt(cooldown, 69)).toEqual([]);
    expect(raiseAt(cooldown, 70)).toHaveLength(1);
  });

  it('keeps kinds apart', () => {
    const cooldown = new AlertCooldown('regime_stability_monitor');
    raiseAt(cooldown, 10);
    expect(raiseAt(cooldown, 11, 'market_shock')).toHaveLength(1);
  });

  it('remembers over a restart', () => {
    const first = new AlertCooldown('regime_stability_monitor');
    raiseAt(first, 10);
    const second = new AlertCooldown('regime_stability_monitor');
    second.restore(JSON.parse(JSON.stringify(first.save())) as ReturnType<AlertCooldown['save']>);
    expect(raiseAt(second, 20)).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { dec } from '@qt/kernel';
import { readRiskLimits } from './risk-limits-file.ts';

describe('readRiskLimits', () => {
  it('reads the registry that is delivered, with its conservative defaults', () => {
    const limits = readRiskLimits('config/risk-limits.yaml');
    expect(limits.sizing).toMatchObject({ risk_per_trade_ratio: dec('0.005'), max_leverage: 3 });
    expect(limits.losses).toEqual({ daily_loss_ratio: dec('0.03'), drawdown_ratio: dec('0.1') });
  });

  it('names the file when it cannot be used', () => {
    expect(() => readRiskLimits('no/such/file.yaml')).toThrow(/RISK_LIMITS_FILE=no\/such\/file\.yaml/);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { dec } from '@qt/kernel';
import { parseRiskLimits, readRiskLimits } from './risk-limits.ts';

const read = (path: string): string => readFileSync(path, 'utf8');

describe('readRiskLimits', () => {
  it('reads the registry that is delivered, with its conservative defaults', () => {
    const limits = readRiskLimits('config/risk-limits.yaml', read);
    expect(limits.sizing).toMatchObject({ risk_per_trade_ratio: dec('0.005'), max_leverage: 3 });
    expect(limits.losses).toEqual({ daily_loss_ratio: dec('0.03'), drawdown_ratio: dec('0.1') });
  });

  it('names the file when it cannot be used', () => {
    expect(() => readRiskLimits('no/such/file.yaml', read)).toThrow(/RISK_LIMITS_FILE=no\/such\/file\.yaml/);
  });
});

describe('parseRiskLimits', () => {
  it('names every fault at once', () => {
    const attempt = () => parseRiskLimits('sizing: { risk_per_trade_ratio: 2 }\nextra: 1\n');
    expect(attempt).toThrow(expect.objectContaining({ code: 'RISK_LIMITS_INVALID' }));
    expect(attempt).toThrow(/risk_per_trade_ratio[\s\S]*losses/);
  });
});

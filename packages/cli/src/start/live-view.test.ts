import { describe, expect, it } from '@jest/globals';
import { liveLines } from './live-view.ts';

const market = {
  symbol: 'BTCUSDT',
  price: '42000.5',
  regime: 'Calm range 80 %',
  signal: 'long 0.61',
  position: 'flat',
};

describe('liveLines', () => {
  it('shows time, price, regime, last signal, position and equity of each symbol', () => {
    const [line] = liveLines({ timeMs: Date.UTC(2023, 0, 2, 3, 4), equityUsdt: '9999.123', markets: [market] });
    for (const part of [
      '2023-01-02 03:04',
      'BTCUSDT',
      '42000.5',
      'Calm range 80 %',
      'long 0.61',
      'flat',
      '9999.12 USDT',
    ]) {
      expect(line).toContain(part);
    }
  });

  it('shows dashes for what nobody has said', () => {
    const blank = { symbol: 'BTCUSDT', price: '-', regime: '-', signal: '-', position: 'flat' };
    expect(liveLines({ timeMs: null, equityUsdt: '-', markets: [blank] })[0]).toMatch(/^- .* -$/);
  });
});

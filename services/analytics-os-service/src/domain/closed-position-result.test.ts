import { describe, expect, it } from '@jest/globals';
import { netPnlUsdtOf } from './closed-position-result.ts';

describe('netPnlUsdtOf', () => {
  it.each([
    {
      name: 'a winner pays its fees',
      realizedPnlUsdt: '45.2575',
      feesUsdt: '1.5303',
      fundingUsdt: '-0.19',
      net: '43.5372',
    },
    { name: 'a loser loses more', realizedPnlUsdt: '-10', feesUsdt: '0.5', fundingUsdt: '0', net: '-10.5' },
    { name: 'funding received helps', realizedPnlUsdt: '0', feesUsdt: '0.1', fundingUsdt: '0.3', net: '0.2' },
  ])('$name', ({ net, ...closed }) => {
    expect(netPnlUsdtOf(closed)).toBe(net);
  });
});

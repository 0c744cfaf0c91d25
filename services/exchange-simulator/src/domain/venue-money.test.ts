import { describe, expect, it } from '@jest/globals';
import { judge } from '../../test/money-judge.ts';
import { aWildMarket, BNB_PRICE, Dice, MoneyRun } from '../../test/money-run.ts';

const SEQUENCES = 100_000;
const MARKETS = 24;
/** Sequences that one venue goes through before a new one is opened. */
const SEQUENCES_A_VENUE = 250;

/** Each of these must have happened: what never did was not tested. */
const NEEDED = [
  'autoclose',
  'adl_autoclose',
  'settlement_autoclose',
  'adl',
  'insurance',
  'settlement',
  'liquidation',
  'COMMISSION USDT',
  'COMMISSION BNB',
  'INSURANCE_CLEAR USDT',
  'FUNDING_FEE USDT',
  'REALIZED_PNL USDT',
  'flip',
  'partial close',
  'maker fill',
  'algo FINISHED',
  'algo EXPIRED',
  'position_margin',
  'asset_mode',
  'margin_type',
  'leverage',
  'position_mode',
  'fee_burn',
  'symbol_status',
] as const;

describe('money', () => {
  it(`property: over ${SEQUENCES} sequences none is made or lost, and everything equals naive books`, () => {
    const markets = Array.from({ length: MARKETS }, (_, index) => aWildMarket(index + 1));
    const dice = new Dice(20_240_101);
    const seen = new Map<string, number>();
    let played = 0;
    for (let seed = 1; played < SEQUENCES; seed += 1) {
      const market = dice.pick(markets);
      const run = new MoneyRun(market, seed);
      for (let turn = 0; turn < SEQUENCES_A_VENUE && !run.isOver && played < SEQUENCES; turn += 1) {
        run.play(2 + dice.roll(4));
        const found = judge(run, BNB_PRICE);
        if (found.length > 0) throw new Error(`seed ${seed}, turn ${turn}: ${found.slice(0, 5).join('\n')}`);
        played += 1;
      }
      for (const [what, count] of run.model.seen) seen.set(what, (seen.get(what) ?? 0) + count);
    }
    expect(played).toBe(SEQUENCES);
    expect(NEEDED.filter((what) => (seen.get(what) ?? 0) < 20)).toEqual([]);
  }, 300_000);
});

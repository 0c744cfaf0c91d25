import { describe, expect, it } from '@jest/globals';
import { aStage, SYMBOLS } from '../support/a-stage.ts';

const play = async (): Promise<{ decisions: unknown; ledger: string }> => {
  const stage = await aStage();
  try {
    await stage.startExec();
    await stage.advance(2);
    await stage.simulator.control.addFault({
      kind: 'drop_reply',
      method: 'POST',
      path: '/fapi/v1/order',
      times: 2,
      after: 3,
    });
    for (let candle = 0; candle < 15; candle += 1) {
      await stage.advance();
      await stage.say(
        ...SYMBOLS.map((symbol, index) => ({
          symbol,
          direction: (candle + index) % 6 < 3 ? ('long' as const) : ('short' as const),
          horizonCandles: 4,
        })),
      );
      await stage.settled();
    }
    await stage.advance(6);
    return {
      decisions: await stage.rows('SELECT * FROM risk_decisions ORDER BY decided_at_ms, decision_id'),
      ledger: stage.ledgerText(),
    };
  } finally {
    await stage.close();
  }
};

describe('the same market and the same signals', () => {
  it('give the same decisions and the same venue ledger, byte for byte', async () => {
    const first = await play();
    const second = await play();
    expect(second.ledger).toBe(first.ledger);
    expect(second.decisions).toEqual(first.decisions);
    expect(first.decisions).not.toHaveLength(0);
  }, 120_000);
});

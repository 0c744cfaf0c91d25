import { afterEach, describe, expect, it } from '@jest/globals';
import { aStage, type Stage } from '../support/a-stage.ts';

let stage: Stage;
afterEach(() => stage.close(), 30_000);

describe('killed at a named point of the money path and started again', () => {
  it.each(['after_intent_commit', 'after_send', 'after_outcome', 'after_stop', 'after_protection', 'after_cancel'])(
    '%s: nothing is doubled, nothing lost, nothing left without a stop',
    async (point) => {
      stage = await aStage();
      await stage.startExec({ CRASH_AT: point });
      const first = stage.exec;
      await stage.advance(2);
      await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 3 });
      if (point === 'after_cancel') {
        await stage.settled();
        await stage.say({ symbol: 'BTCUSDT', direction: 'short', horizonCandles: 3 });
      }
      await first?.exited();
      await stage.startExec();
      await stage.settled();
      await stage.advance(2);
      await stage.say({ symbol: 'ETHUSDT', direction: 'short', horizonCandles: 2 });
      await stage.settled();
      await stage.advance(6);
      expect((await stage.invariants()).filter((verdict) => !verdict.holds)).toEqual([]);
      expect(await stage.rows("SELECT order_id, state FROM orders WHERE state IN ('SENDING', 'UNKNOWN')")).toEqual([]);
      expect(await stage.rows("SELECT 1 FROM orders WHERE leg = 'entry' AND symbol = 'ETHUSDT'")).toHaveLength(1);
    },
    60_000,
  );
});

import { afterEach, describe, expect, it } from '@jest/globals';
import type { FaultRule } from '@qt/testing';
import { aStage, type Stage, SYMBOLS } from '../support/a-stage.ts';

let stage: Stage;
afterEach(() => stage.close(), 30_000);

const breaches = async (): Promise<unknown[]> => (await stage.invariants()).filter((verdict) => !verdict.holds);

/** Three markets, a signal each candle, under faults that strike again and again. */
const trade = async (faults: readonly FaultRule[], candles = 12): Promise<void> => {
  stage = await aStage();
  await stage.startExec();
  await stage.advance(2);
  for (const fault of faults) await stage.simulator.control.addFault(fault);
  for (let candle = 0; candle < candles; candle += 1) {
    await stage.advance();
    await stage.say(
      ...SYMBOLS.map((symbol, index) => ({
        symbol,
        direction: (candle + index) % 4 < 2 ? ('long' as const) : ('short' as const),
        horizonCandles: 2,
      })),
    );
    await stage.settled();
  }
  await stage.simulator.control.clearFaults();
  await stage.advance(8);
};

const ORDER = { method: 'POST', path: '/fapi/v1/order' } as const;
const ALGO = { method: 'POST', path: '/fapi/v1/algoOrder' } as const;

describe('under faults of the venue', () => {
  it.each<[string, FaultRule[]]>([
    ['orders are placed and the answer is lost', [{ kind: 'drop_reply', ...ORDER, times: 50 }]],
    ['orders are placed and the answer is -1007', [{ kind: 'error_1007', ...ORDER, times: 50, executes: true }]],
    [
      'some orders are not placed and the answer is -1007',
      [{ kind: 'error_1007', ...ORDER, times: 4, executes: false, after: 2 }],
    ],
    [
      '503, executed or not',
      [
        { kind: 'error_503', ...ORDER, times: 3, executes: true },
        { kind: 'error_503', ...ORDER, times: 3, executes: false, after: 5 },
      ],
    ],
    ['stops and targets are placed and the answer is lost', [{ kind: 'drop_reply', ...ALGO, times: 20 }]],
    ['stops and targets are refused with -1007', [{ kind: 'error_1007', ...ALGO, times: 6, executes: false }]],
    ['user events come twice', [{ kind: 'user_event_duplicate', times: 200 }]],
    ['user events come out of order', [{ kind: 'user_event_reorder', times: 100 }]],
    ['user events come late', [{ kind: 'user_event_delay', times: 20, delayMs: 400 }]],
  ])(
    '%s: the books stay right',
    async (_name, faults) => {
      await trade(faults);
      const [counts] = await stage.rows(
        `SELECT (SELECT count(*) FROM fills)::int AS fills, (SELECT count(*) FROM positions WHERE status = 'closed')::int AS closed,
         (SELECT count(*) FROM orders WHERE state IN ('UNKNOWN', 'SENDING'))::int AS unknown`,
      );
      expect({ breaches: await breaches(), unknown: counts?.['unknown'] }).toEqual({ breaches: [], unknown: 0 });
      expect(counts?.['fills']).toBeGreaterThan(4);
      expect(counts?.['closed']).toBeGreaterThan(1);
    },
    90_000,
  );
});

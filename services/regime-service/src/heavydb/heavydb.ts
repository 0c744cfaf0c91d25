import { CANDLE_TABLE, HeavyDbCandleSource, HeavyDbConnection, HeavyDbPatternStore, PATTERN_TABLE } from '@qt/heavydb';
import type { RegimePatternKind } from '@qt/database';
import { AppError } from '@qt/kernel';
import type { Component, Logger } from '@qt/service-kit';
import type { PatternStore } from '../jobs/ports.ts';
import type { CandleHistory } from './heavydb-history.ts';

export interface HeavyDb {
  /** Its being away stops nothing: candles then come from the venue and patterns stay in Postgres alone. */
  readonly component: Component;
  readonly history: CandleHistory;
  readonly patterns: Pick<PatternStore, 'save'>;
}

/** Opens HeavyDB; nothing connects before it is started. */
export const openHeavyDb = (url: string, logger: Logger): HeavyDb => {
  const connection = new HeavyDbConnection({ url });
  const component: Component = {
    name: 'heavydb',
    start: async () => {
      try {
        for (const table of [CANDLE_TABLE, PATTERN_TABLE]) await connection.query(table);
      } catch (error) {
        if (!(error instanceof AppError && error.retryable)) throw error;
        logger.warn('HeavyDB is away; going on without it', { code: error.code, reason: error.message });
      }
    },
    stop: () => connection.stop(),
    check: () => {
      const { status, detail } = connection.check();
      return status === 'up' ? { status } : { status: 'degraded', detail: detail ?? 'away' };
    },
  };
  return {
    component,
    history: new HeavyDbCandleSource(connection),
    patterns: new HeavyDbPatternStore<RegimePatternKind>(connection),
  };
};

import { INTERVAL_MS, type Interval } from '@qt/contracts';
import type { RegimeAudit, RegimeAuditRepository, RegimeTaskRepository } from '@qt/database';
import { type Clock } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';
import type { TaskRequest } from './task-request.ts';

export interface RecordAuditDeps {
  readonly symbols: readonly string[];
  readonly interval: Interval;
  readonly audits: Pick<RegimeAuditRepository, 'audit'>;
  readonly tasks: Pick<RegimeTaskRepository, 'forget'>;
  /** Market time where candles move time. */
  readonly clock: Clock;
  readonly logger: Logger;
}

const DAY_MS = 86_400_000;
/** What was audited yesterday is looked at once more: a restart may have come in between. */
const LOOKBACK_MS = 2 * DAY_MS;
const KEEP_TASKS_MS = 90 * DAY_MS;

const isAmiss = ({ candles: _candles, ...faults }: RegimeAudit): boolean =>
  Object.values(faults).some((count) => count > 0);

/** Checks the record of the last two days against itself, and drops ends of tasks that are older than 90 days. */
export class RecordAudit {
  readonly #deps: RecordAuditDeps;

  constructor(deps: RecordAuditDeps) {
    this.#deps = deps;
  }

  /** Returns what it found; what is amiss is a warning, nothing is mended. */
  async run({ symbol, slotMs }: Pick<TaskRequest, 'symbol' | 'slotMs'>): Promise<object> {
    const { symbols, interval, audits, tasks, clock, logger } = this.#deps;
    const toMs = slotMs ?? clock.nowMs();
    const markets: Record<string, RegimeAudit> = {};
    for (const one of symbol === null ? symbols : [symbol]) {
      const range = { symbol: one, interval, fromMs: Math.max(0, toMs - LOOKBACK_MS), toMs };
      const audit = await audits.audit(range, INTERVAL_MS[interval]);
      markets[one] = audit;
      if (isAmiss(audit)) logger.warn('the record contradicts itself', { code: 'RECORD_AMISS', symbol: one, ...audit });
    }
    const tasksForgotten = await tasks.forget(toMs - KEEP_TASKS_MS);
    return { markets, tasksForgotten };
  }
}

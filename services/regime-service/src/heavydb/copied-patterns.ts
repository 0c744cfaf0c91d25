import { AppError } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';
import type { PatternStore } from '../jobs/ports.ts';

/** Returns a store that copies what it saves to a second one. The first is the record: what the second cannot take is a warning. */
export const copiedPatterns = (
  record: PatternStore,
  copy: Pick<PatternStore, 'save'>,
  logger: Logger,
): PatternStore => ({
  listNewest: (market) => record.listNewest(market),
  save: async (patterns) => {
    await record.save(patterns);
    try {
      await copy.save(patterns);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn('patterns were not copied', { code: error.code, count: patterns.length, reason: error.message });
    }
  },
});

import { writeFileSync } from 'node:fs';
import { AppError, messageOf } from '@qt/kernel';
import { type ClassificationFacts, classificationPage } from '@qt/regime-lab';
import type { ClassifyResult } from './classify-run.ts';

/** Throws: OUTPUT_NOT_WRITABLE. */
export const writePage = (path: string, html: string): void => {
  try {
    writeFileSync(path, html);
  } catch (cause) {
    throw new AppError('OUTPUT_NOT_WRITABLE', `${path} cannot be written: ${messageOf(cause)}`, {
      retryable: false,
      cause,
    });
  }
};

/** Writes the page of a classified file. Throws: OUTPUT_NOT_WRITABLE. */
export const writeReport = (
  path: string,
  { symbol, result, buckets }: { symbol: string; result: ClassifyResult; buckets: ClassificationFacts['buckets'] },
): void => {
  const { summary, interval, gaps } = result;
  const { classified: candles, changes, candlesByRegime, refusals } = summary;
  writePage(path, classificationPage({ symbol, interval, candles, changes, gaps, candlesByRegime, refusals, buckets }));
};

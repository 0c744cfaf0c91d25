import { INTERVAL_MS, Interval } from '@qt/contracts';
import { AppError } from '@qt/kernel';
import { ENOUGH, type FileLine, readCandleLines } from './candles-file.ts';
import { type ClassifiedCandle, createClassifier } from './classify-engine.ts';
import { type ClassifyOptions, intervalOfTimes } from './classify-options.ts';
import { CLASSIFICATION_HEADER, classificationRow, LineFile } from './classify-rows.ts';
import { ClassifySummary } from './classify-summary.ts';

/** Lines that are looked at for the interval when nothing else says it. */
const LINES_FOR_INTERVAL = 200;

/** Told of every candle that was written. */
export type OnClassified = (classified: ClassifiedCandle, openTimeMs: number, close: number) => void;

/** What came of a run. */
export interface ClassifyResult {
  readonly interval: Interval;
  readonly written: number;
  readonly summary: ClassifySummary;
  /** Wall time of reading, classifying and writing. */
  readonly elapsedMs: number;
  /** Accepted candles that came more than one interval after the last one. */
  readonly gaps: number;
}

const intervalInFile = async (path: string): Promise<Interval> => {
  const times: number[] = [];
  await readCandleLines(path, (line) => {
    if (line.kind === 'candle') times.push(line.candle.openTimeMs);
    return times.length >= LINES_FOR_INTERVAL ? ENOUGH : undefined;
  });
  const interval = intervalOfTimes(times);
  if (interval !== null) return interval;
  throw new AppError(
    'INTERVAL_UNKNOWN',
    `${path}: neither its name nor the times of its first ${times.length} candles say an interval; expected --interval, one of ${Interval.options.join(', ')}`,
    { retryable: false },
  );
};

/**
 * Classifies a candle file line by line into `outPath`, in memory that does not grow with the file. Nothing is left of a run that fails.
 *
 * Throws: AppError of the file read, INTERVAL_UNKNOWN, NO_CANDLE_ACCEPTED, OUTPUT_NOT_WRITABLE.
 */
export const classifyFile = async (
  options: ClassifyOptions,
  nowMs: () => number,
  onClassified: OnClassified = () => undefined,
): Promise<ClassifyResult> => {
  const { candlesPath, outPath, warmupCandles } = options;
  const interval = options.interval ?? (await intervalInFile(candlesPath));
  const intervalMs = INTERVAL_MS[interval];
  const classify = createClassifier(intervalMs);
  const summary = new ClassifySummary();
  const file = new LineFile(outPath);
  const startedMs = nowMs();
  let written = 0;
  let gaps = 0;
  let lastOpenTimeMs: number | null = null;

  const takeLine = (line: FileLine): Promise<void> | undefined => {
    if (line.kind === 'broken') {
      summary.countRefused('FIELD_COUNT', line.broken.line, line.broken.detail);
      return undefined;
    }
    const { candle } = line;
    const outcome = classify(candle);
    if (outcome.kind === 'refused') {
      summary.countRefused(outcome.code, candle.line, outcome.detail);
      return undefined;
    }
    if (lastOpenTimeMs !== null && candle.openTimeMs - lastOpenTimeMs > intervalMs) gaps += 1;
    lastOpenTimeMs = candle.openTimeMs;
    summary.countClassified(outcome.regime.id, outcome.previousRegimeId !== null);
    if (summary.classified <= warmupCandles) return undefined;
    written += 1;
    onClassified(outcome, candle.openTimeMs, Number(candle.close));
    return file.write(classificationRow(candle.openTimeMs, outcome));
  };

  try {
    await file.write(CLASSIFICATION_HEADER);
    await readCandleLines(candlesPath, takeLine);
    if (summary.classified === 0) {
      throw new AppError(
        'NO_CANDLE_ACCEPTED',
        `${candlesPath}: found no candle that could be taken in, expected at least one; the first was refused at ${summary.firstRefusal}`,
        { retryable: false },
      );
    }
    await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  return { interval, written, summary, elapsedMs: nowMs() - startedMs, gaps };
};

import { INTERVAL_MS, Interval } from '@qt/contracts';
import { AppError } from '@qt/kernel';
import { type CandleLine, ENOUGH, type FileLine, readCandleLines } from './candles-file.ts';
import { type ClassifiedCandle, MarketClassifier } from './classify-engine.ts';
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
  /** Candles at the start that were not classified. */
  readonly learnedFrom: number;
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
  const classifier = new MarketClassifier(intervalMs);
  let history: CandleLine[] | null = warmupCandles > 0 ? [] : null;
  const summary = new ClassifySummary();
  const file = new LineFile(outPath);
  const startedMs = nowMs();
  let gaps = 0;
  let lastOpenTimeMs: number | null = null;

  const classify = (candle: CandleLine): Promise<void> | undefined => {
    const outcome = classifier.update(candle);
    if (outcome.kind === 'refused') {
      summary.countRefused(outcome.code, candle.line, outcome.detail);
      return undefined;
    }
    if (lastOpenTimeMs !== null && candle.openTimeMs - lastOpenTimeMs > intervalMs) gaps += 1;
    lastOpenTimeMs = candle.openTimeMs;
    summary.countClassified(outcome.regime, outcome.previousRegimeId !== null);
    onClassified(outcome, candle.openTimeMs, Number(candle.close));
    return file.write(classificationRow(candle.openTimeMs, outcome));
  };
  const gather = (candle: CandleLine, gathered: CandleLine[]): void => {
    const verdict = classifier.inspect(candle);
    if (verdict.kind === 'refused') summary.countRefused(verdict.code, candle.line, verdict.detail);
    else gathered.push(candle);
    if (gathered.length < warmupCandles) return;
    classifier.learn(gathered);
    history = null;
  };
  const takeLine = (line: FileLine): Promise<void> | undefined => {
    if (line.kind === 'broken') {
      summary.countRefused('FIELD_COUNT', line.broken.line, line.broken.detail);
      return undefined;
    }
    if (history === null) return classify(line.candle);
    gather(line.candle, history);
    return undefined;
  };

  try {
    await file.write(CLASSIFICATION_HEADER);
    await readCandleLines(candlesPath, takeLine);
    if (warmupCandles > 0 && summary.classified === 0) {
      const found = history?.length ?? warmupCandles;
      throw new AppError(
        'NO_CANDLE_ACCEPTED',
        `${candlesPath}: found ${found} candles to learn from and none after them, expected more than the ${warmupCandles} of --warmup`,
        { retryable: false },
      );
    }
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
  return { interval, learnedFrom: warmupCandles, summary, elapsedMs: nowMs() - startedMs, gaps };
};

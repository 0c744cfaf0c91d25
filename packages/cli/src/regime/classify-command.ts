import { TimelineSketch } from '@qt/regime-lab';
import type { Command } from 'commander';
import { type RawClassifyOptions, readClassifyOptions } from './classify-options.ts';
import { type ClassifyResult, classifyFile } from './classify-run.ts';
import { writeReport } from './report-html.ts';

/** More gaps than this among the steps, and the interval is probably not the file's. */
const GAPS_WORTH_A_WORD_RATIO = 0.5;

const sayResult = (result: ClassifyResult, outPath: string): void => {
  const { summary, learnedFrom, elapsedMs, gaps, interval } = result;
  const perSecond = Math.round((1_000 * (summary.classified + learnedFrom)) / Math.max(elapsedMs, 1));
  console.log(
    `${summary.classified} candles of ${interval} classified in ${(elapsedMs / 1_000).toFixed(1)} s: ${perSecond} candles/s`,
  );
  if (learnedFrom > 0) console.log(`the ${learnedFrom} before them were learned from and not classified`);
  for (const line of summary.lines()) console.log(line);
  console.log(`gaps: ${gaps}`);
  if (gaps > GAPS_WORTH_A_WORD_RATIO * summary.classified) {
    console.log(`most candles come later than one ${interval} after the last: is --interval right?`);
  }
  console.log(`${summary.classified} rows written to ${outPath}`);
};

const classify = async (raw: RawClassifyOptions): Promise<void> => {
  const options = readClassifyOptions(raw);
  const sketch = new TimelineSketch();
  const result = await classifyFile(
    options,
    () => performance.now(),
    ({ regime }, openTimeMs, close) => sketch.add(openTimeMs, close, regime.id),
  );
  sayResult(result, options.outPath);
  if (options.reportPath !== null) {
    writeReport(options.reportPath, { symbol: options.symbol, result, buckets: sketch.buckets() });
    console.log(`report written to ${options.reportPath}`);
  }
};

/** Adds `qt regime classify`: a candle file in, the regime of each of its candles out. */
export const classifyCommand = (regime: Command): void => {
  regime
    .command('classify')
    .description('classify the candles of a file, each from itself and those before it')
    .requiredOption('--candles <file>', 'CSV or CSV.gz with open_time_ms,open,high,low,close,volume, oldest first')
    .requiredOption('--out <file>', 'where the classification goes, as CSV; CSV.gz when the name ends in .gz')
    .option('--interval <interval>', 'candle length such as 1h (default: from the name, else from the times)')
    .option('--symbol <symbol>', 'what the report calls the market (default: from the name)')
    .option('--warmup <candles>', 'history: so many first candles are learned from and get no rows (default: 0)')
    .option('--report <file>', 'where a page with price, regimes and shares goes, as HTML')
    .action(classify);
};

import { INTERVAL_MS, Interval } from '@qt/contracts';
import { dec } from '@qt/kernel';
import { MEAN_REVERTING_SLOT, SLOT_COUNT } from '@qt/regime';
import { DIFFICULTIES, GENERATOR_NAMES, generateMarket, type SyntheticMarket } from '@qt/regime-lab';
import type { Command } from 'commander';
import { pathOf, refuse, timeOf, wholeNumber } from '../option-values.ts';
import { LineFile } from './classify-rows.ts';

export const SIMULATION_HEADER =
  'open_time_ms,open,high,low,close,volume,true_regime_id,true_volatility,true_slot,true_structure,is_change';

const PRICE_DIGITS = 12;
const MOST_CANDLES = 10_000_000;
const MOST_SEEDS = 2 ** 31 - 1;
const LEVEL_NAMES = ['low', 'medium', 'high'];
const SLOT_NAMES = ['strong_down', 'down', 'neutral', 'up', 'strong_up', 'mean_reverting'];

/** As the command line gave them. */
interface RawSimulateOptions {
  readonly generator: string;
  readonly difficulty: string;
  readonly duration: string;
  readonly seed: string;
  readonly candles: string;
  readonly interval: string;
  readonly from: string;
  readonly out: string;
}

const oneOf = <T extends string>(option: string, text: string, known: readonly T[]): T =>
  known.find((name) => name === text) ?? refuse(`${option}: found "${text}", expected one of ${known.join(', ')}`);

const positive = (option: string, text: string, most: number): number => {
  const value = wholeNumber(option, text, most);
  return value > 0 ? value : refuse(`${option}: found "${text}", expected a whole number from 1 to ${most}`);
};

const priceText = (price: number): string => dec(price.toPrecision(PRICE_DIGITS)).toFixed();

/** Returns one line of the file, without its end. */
const rowOf = (market: SyntheticMarket, index: number, openTimeMs: number): string => {
  const { open, high, low, close, volume } = market.barAt(index);
  const id = market.regimeIds[index] ?? 0;
  const slot = id % SLOT_COUNT;
  const isChange = index > 0 && market.regimeIds[index - 1] !== id;
  return [
    openTimeMs,
    ...[open, high, low, close].map(priceText),
    volume,
    id,
    LEVEL_NAMES[Math.floor(id / SLOT_COUNT)],
    SLOT_NAMES[slot],
    slot === MEAN_REVERTING_SLOT ? 'mean_reverting' : 'trending',
    isChange ? 1 : 0,
  ].join(',');
};

const simulate = async (raw: RawSimulateOptions): Promise<void> => {
  const interval = oneOf('--interval', raw.interval, Interval.options);
  const intervalMs = INTERVAL_MS[interval];
  const fromMs = Math.ceil((timeOf('--from', raw.from) ?? 0) / intervalMs) * intervalMs;
  const market = generateMarket({
    generator: oneOf('--generator', raw.generator, GENERATOR_NAMES),
    difficulty: oneOf('--difficulty', raw.difficulty, DIFFICULTIES),
    durationCandles: positive('--duration', raw.duration, MOST_CANDLES),
    seed: wholeNumber('--seed', raw.seed, MOST_SEEDS),
    candles: positive('--candles', raw.candles, MOST_CANDLES),
  });
  const path = pathOf(raw.out);
  const file = new LineFile(path);
  try {
    await file.write(SIMULATION_HEADER);
    for (let index = 0; index < market.candles; index += 1) {
      await file.write(rowOf(market, index, fromMs + index * intervalMs));
    }
    await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  console.log(
    `${market.candles} candles of ${interval}, ${market.changeIndices().length} changes of regime, written to ${path}`,
  );
};

/** Adds `qt regime simulate`: a market with known regimes, as candles with the truth beside them. */
export const simulateCommand = (regime: Command): void => {
  regime
    .command('simulate')
    .description('make a market whose regimes are known: candles as CSV, the truth in columns after them')
    .requiredOption('--out <file>', 'where the candles go, as CSV; CSV.gz when the name ends in .gz')
    .option('--generator <name>', `what draws the candles: ${GENERATOR_NAMES.join(', ')}`, 'gaussian')
    .option('--difficulty <name>', `how far the regimes lie apart: ${DIFFICULTIES.join(', ')}`, 'medium')
    .option('--duration <candles>', 'mean life of a regime', '300')
    .option('--seed <number>', 'same seed, same market', '1')
    .option('--candles <number>', 'how many', '20000')
    .option('--interval <interval>', 'candle length that the times say', '1m')
    .option('--from <time>', 'open time of the first candle: date, ISO time or UTC milliseconds', '2024-01-01')
    .action(simulate);
};

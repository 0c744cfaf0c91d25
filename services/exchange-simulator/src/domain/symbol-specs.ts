import { absolute, type Fixed, fixed, least, numberOf, ONE, times } from './fixed.ts';
import type { LeverageTier, SymbolSpec } from './venue-types.ts';

/** Tiers as [notional cap in USDT, largest leverage, maintenance ratio]. Source: Binance leverage brackets, October 2024. */
type TierRow = readonly [cap: number, leverage: number, ratio: string];

const MAJOR_TIERS: readonly TierRow[] = [
  [50_000, 125, '0.004'],
  [600_000, 100, '0.005'],
  [3_000_000, 75, '0.0065'],
  [12_000_000, 50, '0.01'],
  [50_000_000, 25, '0.02'],
  [65_000_000, 20, '0.025'],
  [150_000_000, 10, '0.05'],
  [320_000_000, 5, '0.1'],
  [400_000_000, 4, '0.125'],
  [530_000_000, 3, '0.15'],
  [800_000_000, 2, '0.25'],
  [1_200_000_000, 1, '0.5'],
];
const LARGE_TIERS: readonly TierRow[] = [
  [10_000, 75, '0.005'],
  [50_000, 50, '0.006'],
  [200_000, 40, '0.01'],
  [1_500_000, 25, '0.02'],
  [3_000_000, 20, '0.025'],
  [15_000_000, 10, '0.05'],
  [30_000_000, 5, '0.1'],
  [37_500_000, 4, '0.125'],
  [75_000_000, 2, '0.25'],
  [150_000_000, 1, '0.5'],
];
const SMALL_TIERS: readonly TierRow[] = [
  [10_000, 75, '0.01'],
  [100_000, 50, '0.015'],
  [500_000, 25, '0.02'],
  [1_000_000, 20, '0.025'],
  [5_000_000, 10, '0.05'],
  [10_000_000, 5, '0.1'],
  [12_500_000, 4, '0.125'],
  [25_000_000, 2, '0.25'],
  [50_000_000, 1, '0.5'],
];

const tiersOf = (rows: readonly TierRow[]): readonly LeverageTier[] => {
  const tiers: LeverageTier[] = [];
  let floor = 0n;
  let cumulative = 0n;
  let previousRatio = 0n;
  for (const [cap, maxLeverage, ratioText] of rows) {
    const maintenanceRatio = fixed(ratioText);
    const notionalCap = BigInt(cap) * ONE;
    if (tiers.length > 0) cumulative += times(floor, maintenanceRatio - previousRatio);
    tiers.push({
      bracket: tiers.length + 1,
      maxLeverage,
      notionalCap,
      notionalFloor: floor,
      maintenanceRatio,
      cumulative,
    });
    floor = notionalCap;
    previousRatio = maintenanceRatio;
  }
  return tiers;
};

interface SpecRow {
  readonly places: readonly [price: number, quantity: number];
  readonly tick: string;
  readonly step: string;
  readonly prices: readonly [min: string, max: string];
  readonly maxQuantities: readonly [limit: string, market: string];
  readonly minNotional: string;
  readonly band: string;
  readonly liquidationFee: string;
  readonly tiers: readonly TierRow[];
  readonly onboardMs: number;
}

/** Source: exchangeInfo of USD-M, 2024 (minimum notionals) and 2026 (steps, limits). */
const ROWS: Readonly<Record<string, SpecRow>> = {
  BTCUSDT: {
    places: [2, 3],
    tick: '0.1',
    step: '0.001',
    prices: ['556.8', '4529764'],
    maxQuantities: ['1000', '120'],
    minNotional: '100',
    band: '0.05',
    liquidationFee: '0.0125',
    tiers: MAJOR_TIERS,
    onboardMs: 1_567_965_300_000,
  },
  ETHUSDT: {
    places: [2, 3],
    tick: '0.01',
    step: '0.001',
    prices: ['39.86', '306177'],
    maxQuantities: ['10000', '2000'],
    minNotional: '20',
    band: '0.05',
    liquidationFee: '0.0125',
    tiers: MAJOR_TIERS,
    onboardMs: 1_574_840_700_000,
  },
  SOLUSDT: {
    places: [4, 2],
    tick: '0.01',
    step: '0.01',
    prices: ['0.42', '6857'],
    maxQuantities: ['1000000', '80000'],
    minNotional: '5',
    band: '0.05',
    liquidationFee: '0.015',
    tiers: LARGE_TIERS,
    onboardMs: 1_600_066_800_000,
  },
  BNBUSDT: {
    places: [3, 2],
    tick: '0.01',
    step: '0.01',
    prices: ['6.6', '100000'],
    maxQuantities: ['100000', '2000'],
    minNotional: '5',
    band: '0.05',
    liquidationFee: '0.0125',
    tiers: LARGE_TIERS,
    onboardMs: 1_581_321_600_000,
  },
  XRPUSDT: {
    places: [4, 1],
    tick: '0.0001',
    step: '0.1',
    prices: ['0.0143', '100000'],
    maxQuantities: ['10000000', '2000000'],
    minNotional: '5',
    band: '0.05',
    liquidationFee: '0.0125',
    tiers: LARGE_TIERS,
    onboardMs: 1_578_298_800_000,
  },
  ADAUSDT: {
    places: [5, 0],
    tick: '0.0001',
    step: '1',
    prices: ['0.0001', '20000'],
    maxQuantities: ['30000000', '3000000'],
    minNotional: '5',
    band: '0.05',
    liquidationFee: '0.0125',
    tiers: LARGE_TIERS,
    onboardMs: 1_580_457_600_000,
  },
  DOGEUSDT: {
    places: [6, 0],
    tick: '0.00001',
    step: '1',
    prices: ['0.00244', '30'],
    maxQuantities: ['300000000', '30000000'],
    minNotional: '5',
    band: '0.1',
    liquidationFee: '0.015',
    tiers: LARGE_TIERS,
    onboardMs: 1_594_371_600_000,
  },
  LTCUSDT: {
    places: [2, 3],
    tick: '0.01',
    step: '0.001',
    prices: ['0.01', '100000'],
    maxQuantities: ['20000', '5000'],
    minNotional: '20',
    band: '0.05',
    liquidationFee: '0.0125',
    tiers: LARGE_TIERS,
    onboardMs: 1_578_557_100_000,
  },
  ETCUSDT: {
    places: [3, 2],
    tick: '0.001',
    step: '0.01',
    prices: ['0.001', '100000'],
    maxQuantities: ['300000', '30000'],
    minNotional: '20',
    band: '0.1',
    liquidationFee: '0.0125',
    tiers: LARGE_TIERS,
    onboardMs: 1_579_161_600_000,
  },
  FILUSDT: {
    places: [3, 1],
    tick: '0.001',
    step: '0.1',
    prices: ['0.001', '10000'],
    maxQuantities: ['10000000', '600000'],
    minNotional: '5',
    band: '0.1',
    liquidationFee: '0.015',
    tiers: SMALL_TIERS,
    onboardMs: 1_602_828_000_000,
  },
  NEARUSDT: {
    places: [4, 0],
    tick: '0.001',
    step: '1',
    prices: ['0.048', '1000'],
    maxQuantities: ['10000000', '400000'],
    minNotional: '5',
    band: '0.1',
    liquidationFee: '0.015',
    tiers: SMALL_TIERS,
    onboardMs: 1_602_748_800_000,
  },
};

const placesOfStep = (step: Fixed): number => {
  let places = 8;
  for (let value = step; places > 0 && value % 10n === 0n; places -= 1) value /= 10n;
  return places;
};

const powerOfTen = (exponent: number): Fixed =>
  exponent >= 0 ? ONE * 10n ** BigInt(exponent) : ONE / 10n ** BigInt(-exponent);

/** Rules for a symbol nobody listed: a tick near 1 bp of its price, a step worth about 0.1 USDT, tiers of a small coin. */
const derivedRow = (price: Fixed): SpecRow => {
  const magnitude = Math.floor(Math.log10(Math.max(numberOf(absolute(price)), 1e-6)));
  const tickExponent = Math.max(magnitude - 4, -7);
  const stepExponent = Math.min(Math.max(-magnitude - 1, -8 - tickExponent), 0);
  const textOfExponent = (exponent: number): string =>
    exponent >= 0 ? `1${'0'.repeat(exponent)}` : `0.${'0'.repeat(-exponent - 1)}1`;
  return {
    places: [Math.max(-tickExponent, 0), Math.max(-stepExponent, 0)],
    tick: textOfExponent(tickExponent),
    step: textOfExponent(stepExponent),
    prices: [textOfExponent(tickExponent), textOfExponent(Math.min(magnitude + 4, 8))],
    maxQuantities: ['10000000', '1000000'],
    minNotional: '5',
    band: '0.1',
    liquidationFee: '0.015',
    tiers: SMALL_TIERS,
    onboardMs: 1_609_459_200_000,
  };
};

/**
 * Returns the trading rules of a symbol: listed ones as Binance has them, others derived from a price.
 * A tick is never coarser than `finestPriceStep`, so that recorded prices of older times stay on the grid.
 */
export const specOf = (symbol: string, sample: { price: Fixed; finestPriceStep: Fixed }): SymbolSpec => {
  const row = ROWS[symbol] ?? derivedRow(sample.price);
  const finest = sample.finestPriceStep > 0n ? sample.finestPriceStep : powerOfTen(-8);
  const priceStep = least(fixed(row.tick), finest);
  const band = fixed(row.band);
  return {
    symbol,
    baseAsset: symbol.replace(/USDT$/, ''),
    quoteAsset: 'USDT',
    pricePlaces: Math.max(row.places[0], placesOfStep(priceStep)),
    quantityPlaces: row.places[1],
    priceStep,
    minPrice: least(fixed(row.prices[0]), priceStep * 10n),
    maxPrice: fixed(row.prices[1]),
    quantityStep: fixed(row.step),
    minQuantity: fixed(row.step),
    maxQuantity: fixed(row.maxQuantities[0]),
    maxMarketQuantity: fixed(row.maxQuantities[1]),
    minNotional: fixed(row.minNotional),
    priceBandUp: ONE + band,
    priceBandDown: ONE - band,
    liquidationFeeRatio: fixed(row.liquidationFee),
    marketTakeBound: band,
    triggerProtect: band,
    maxOrders: 200,
    maxAlgoOrders: 200,
    tiers: tiersOf(row.tiers),
    onboardMs: row.onboardMs,
  };
};

/** Returns the tier that a notional falls in; the last one beyond all caps. */
export const tierOf = (spec: SymbolSpec, notional: Fixed): LeverageTier => {
  let found = spec.tiers[0];
  for (const tier of spec.tiers) {
    found = tier;
    if (notional <= tier.notionalCap) break;
  }
  if (found === undefined) throw new RangeError(`${spec.symbol} has no leverage tiers`);
  return found;
};

/** Returns the largest notional that a leverage allows, zero when the leverage itself is not allowed. */
export const maxNotionalAt = (spec: SymbolSpec, leverage: number): Fixed => {
  let most = 0n;
  for (const tier of spec.tiers) if (tier.maxLeverage >= leverage) most = tier.notionalCap;
  return most;
};

/** Returns the margin that a position of that notional must keep. Units: USDT. */
export const maintenanceOf = (spec: SymbolSpec, notional: Fixed): Fixed => {
  const size = absolute(notional);
  if (size === 0n) return 0n;
  const tier = tierOf(spec, size);
  return times(size, tier.maintenanceRatio) - tier.cumulative;
};

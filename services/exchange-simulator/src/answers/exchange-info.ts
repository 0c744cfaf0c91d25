import { type Fixed, placesOf, textOf } from '../domain/fixed.ts';
import type { SymbolSpec, SymbolStatus } from '../domain/venue-types.ts';
import { RATE_LIMITS } from './market-answers.ts';

/** Perpetuals are delivered at the end of the year 2100. Source: recorded exchangeInfo of 2026-07. */
const NO_DELIVERY_MS = 4_133_404_800_000;

/** What a symbol is sorted under. Source: recorded exchangeInfo of 2026-07. */
const SUBTYPES: Readonly<Record<string, string>> = {
  BTC: 'PoW',
  ETH: 'Layer-1',
  XRP: 'Payment',
  LTC: 'Payment',
  ETC: 'PoW',
  ADA: 'Layer-1',
  BNB: 'Layer-1',
  DOGE: 'Meme',
  SOL: 'Layer-1',
  NEAR: 'Layer-1',
  FIL: 'Storage',
};

/** Source: recorded exchangeInfo of 2026-07, the same for every symbol. */
const ORDER_TYPES = [
  'LIMIT',
  'MARKET',
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
] as const;
const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'] as const;
const PERMISSION_SETS = ['GRID', 'COPY', 'DCA', 'PSB'] as const;

/** What may be margin; beyond the negative amount it is exchanged by force. Source: recorded exchangeInfo of 2026-07. */
const ASSETS = [
  { asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' },
  { asset: 'BTC', marginAvailable: true, autoAssetExchange: '-0.10000000' },
  { asset: 'BNB', marginAvailable: true, autoAssetExchange: '0' },
  { asset: 'ETH', marginAvailable: true, autoAssetExchange: '0' },
  { asset: 'USDC', marginAvailable: true, autoAssetExchange: '-10000' },
] as const;

/** Returns the answer of `exchangeInfo`. */
export function exchangeInfo(
  specs: readonly SymbolSpec[],
  serverTimeMs: number,
  statusOf: (symbol: string) => SymbolStatus = () => 'TRADING',
): object {
  return {
    timezone: 'UTC',
    serverTime: serverTimeMs,
    futuresType: 'U_MARGINED',
    rateLimits: RATE_LIMITS,
    exchangeFilters: [],
    assets: ASSETS,
    symbols: specs.map((spec) => symbolOf(spec, statusOf(spec.symbol))),
  };
}

function symbolOf(spec: SymbolSpec, status: SymbolStatus): object {
  const subtype = SUBTYPES[spec.baseAsset];
  return {
    symbol: spec.symbol,
    pair: spec.symbol,
    contractType: 'PERPETUAL',
    deliveryDate: NO_DELIVERY_MS,
    onboardDate: spec.onboardMs,
    status,
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: spec.baseAsset,
    quoteAsset: spec.quoteAsset,
    marginAsset: spec.quoteAsset,
    pricePrecision: spec.pricePlaces,
    quantityPrecision: spec.quantityPlaces,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: subtype === undefined ? [] : [subtype],
    triggerProtect: placesOf(spec.triggerProtect, 4),
    liquidationFee: placesOf(spec.liquidationFeeRatio, 6),
    marketTakeBound: placesOf(spec.marketTakeBound, 2),
    maxMoveOrderLimit: 10_000,
    filters: filtersOf(spec),
    orderTypes: ORDER_TYPES,
    timeInForce: TIMES_IN_FORCE,
    permissionSets: PERMISSION_SETS,
  };
}

function filtersOf(spec: SymbolSpec): readonly object[] {
  const price = (value: Fixed): string => placesOf(value, spec.pricePlaces);
  const quantity = (value: Fixed): string => placesOf(value, spec.quantityPlaces);
  const steps = { stepSize: quantity(spec.quantityStep), minQty: quantity(spec.minQuantity) };
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: price(spec.minPrice),
      maxPrice: textOf(spec.maxPrice),
      tickSize: price(spec.priceStep),
    },
    { filterType: 'LOT_SIZE', ...steps, maxQty: textOf(spec.maxQuantity) },
    { filterType: 'MARKET_LOT_SIZE', ...steps, maxQty: textOf(spec.maxMarketQuantity) },
    { filterType: 'MAX_NUM_ORDERS', limit: spec.maxOrders },
    { filterType: 'MAX_NUM_ALGO_ORDERS', limit: spec.maxAlgoOrders },
    { filterType: 'MIN_NOTIONAL', notional: textOf(spec.minNotional) },
    {
      filterType: 'PERCENT_PRICE',
      multiplierDecimal: '4',
      multiplierUp: placesOf(spec.priceBandUp, 4),
      multiplierDown: placesOf(spec.priceBandDown, 4),
    },
    { filterType: 'POSITION_RISK_CONTROL', positionControlSide: 'NONE' },
  ];
}

import type { WireIds } from '../answers/wire-ids.ts';
import type {
  AlgoKey,
  AmendOrder,
  OrderKey,
  OrderSide,
  PlaceAlgo,
  PlaceOrder,
  PriceMatch,
  TimeInForce,
  WorkingType,
} from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import { refuse } from './protocol-error.ts';
import type { RequestParameters } from './request-parameters.ts';
import { optional, requireListed, requireSymbol } from './routes/shared-parameters.ts';

const ALGO_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'] as const;
const ORDER_TYPES = ['MARKET', 'LIMIT', ...ALGO_TYPES] as const;
const FORCES: readonly TimeInForce[] = ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'];
const PRICE_MATCHES: readonly (PriceMatch | 'NONE')[] = [
  'NONE',
  'OPPONENT',
  'OPPONENT_5',
  'OPPONENT_10',
  'OPPONENT_20',
  'QUEUE',
  'QUEUE_5',
  'QUEUE_10',
  'QUEUE_20',
];
const SELF_TRADE_MODES = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'] as const;
const WORKING_TYPES: readonly WorkingType[] = ['CONTRACT_PRICE', 'MARK_PRICE'];
/** Parameters of conditional orders, which a plain one must not have. */
const TRIGGER_PARAMETERS = ['stopPrice', 'activationPrice', 'activatePrice', 'callbackRate'] as const;

const readSide = (params: RequestParameters): OrderSide => {
  params.requiredText('side');
  return params.oneOf('side', ['BUY', 'SELL'], refuse.invalidSide) ?? 'BUY';
};

const readPriceMatch = (params: RequestParameters): { readonly priceMatch?: PriceMatch } => {
  const priceMatch = params.oneOf('priceMatch', PRICE_MATCHES, refuse.invalidPriceMatch);
  return priceMatch === undefined || priceMatch === 'NONE' ? {} : { priceMatch };
};

const readWorkingType = (params: RequestParameters): WorkingType | undefined =>
  params.oneOf('workingType', WORKING_TYPES, () => refuse.invalidWorkingType(params.text('workingType') ?? ''));

/** Reads what plain and conditional placements have in common. */
const readShared = (params: RequestParameters) => ({
  ...optional('positionSide', params.oneOf('positionSide', ['BOTH', 'LONG', 'SHORT'], refuse.invalidPositionSide)),
  ...optional('timeInForce', params.oneOf('timeInForce', FORCES, refuse.invalidTimeInForce)),
  ...optional('price', params.decimal('price')),
  ...readPriceMatch(params),
  ...optional('reduceOnly', params.boolean('reduceOnly')),
  ...optional('goodTillMs', params.integer('goodTillDate')),
  ...optional(
    'selfTradePreventionMode',
    params.oneOf('selfTradePreventionMode', SELF_TRADE_MODES, refuse.invalidSelfTradeMode),
  ),
});

/** Returns whether the answer is to tell what became of the order; sent empty, as go-binance does, it is ACK. Throws: -1136. */
export const wantsResult = (params: RequestParameters): boolean =>
  params.peek('newOrderRespType') !== undefined &&
  params.oneOf('newOrderRespType', ['ACK', 'RESULT'], refuse.invalidRespType) === 'RESULT';

/** Reads a placement. Throws: as Binance on what is missing, too much or no word of its own. */
export const readPlacement = (venue: Venue, params: RequestParameters): PlaceOrder => {
  const symbol = params.requiredSymbol();
  const side = readSide(params);
  params.requiredText('type');
  const type = params.oneOf('type', ORDER_TYPES, refuse.invalidOrderType);
  if (type !== 'MARKET' && type !== 'LIMIT') throw refuse.useAlgoService();
  if (params.boolean('closePosition') === true) throw refuse.strategyInvalid(type);
  for (const name of TRIGGER_PARAMETERS) if (params.text(name) !== undefined) throw refuse.notRequired(name);
  if (type === 'LIMIT') params.requiredText('timeInForce');
  const shared = readShared(params);
  if (type === 'LIMIT' && shared.priceMatch === undefined) params.requiredText('price');
  if (type === 'MARKET') {
    for (const name of ['price', 'timeInForce']) if (params.text(name) !== undefined) throw refuse.notRequired(name);
  }
  readWorkingType(params);
  requireListed(venue, symbol);
  return {
    symbol,
    side,
    type,
    quantity: params.requiredDecimal('quantity'),
    ...shared,
    ...optional('clientOrderId', params.clientId('newClientOrderId')),
  };
};

/** Reads which plain order is meant. Throws: -1102 without an id, -1121. */
export const readOrderKey = (venue: Venue, ids: WireIds, params: RequestParameters): OrderKey => {
  const symbol = requireSymbol(venue, params);
  const orderId = params.id('orderId');
  const clientOrderId = params.clientId('origClientOrderId');
  if (orderId === undefined && clientOrderId === undefined) throw refuse.neitherId();
  return {
    symbol,
    ...optional('orderId', orderId === undefined ? undefined : ids.read(orderId)),
    ...optional('clientOrderId', clientOrderId),
  };
};

/** Reads a change of a resting order. Throws: -1102 unless side, quantity and a price (or where to take it from) are there. */
export const readAmendment = (venue: Venue, ids: WireIds, params: RequestParameters): AmendOrder => {
  const key = readOrderKey(venue, ids, params);
  const side = readSide(params);
  const match = readPriceMatch(params);
  if (match.priceMatch === undefined) params.requiredText('price');
  return {
    ...key,
    side,
    quantity: params.requiredDecimal('quantity'),
    ...optional('price', params.decimal('price')),
    ...match,
  };
};

/** Reads a conditional placement. Throws: as Binance on what is missing, too much or no word of its own. */
export const readAlgo = (venue: Venue, params: RequestParameters): PlaceAlgo => {
  params.requiredText('algoType');
  params.oneOf('algoType', ['CONDITIONAL'], () => refuse.invalidData('algoType'));
  const symbol = params.requiredSymbol();
  const side = readSide(params);
  params.requiredText('type');
  const type = params.oneOf('type', ALGO_TYPES, refuse.invalidOrderType);
  if (type === undefined) throw refuse.missingParameter('type');
  requireListed(venue, symbol);
  // Two names are in use: the documentation of the algo service has the first, that of plain orders the second.
  const activatePrice = params.decimal('activatePrice') ?? params.decimal('activationPrice');
  return {
    symbol,
    side,
    type,
    ...readShared(params),
    ...optional('quantity', params.decimal('quantity')),
    ...optional('triggerPrice', params.decimal('triggerPrice')),
    ...optional('activatePrice', activatePrice),
    ...optional('callbackRate', params.decimal('callbackRate')),
    ...optional('workingType', readWorkingType(params)),
    ...optional('closePosition', params.boolean('closePosition')),
    ...optional('priceProtect', params.boolean('priceProtect')),
    ...optional('clientAlgoId', params.clientId('clientAlgoId')),
  };
};

/** Reads which conditional order is meant. Throws: -1102 without an id. */
export const readAlgoKey = (ids: WireIds, params: RequestParameters): AlgoKey => {
  // Binance documents these names in small letters for a cancel, and official clients send them so.
  const algoId = params.id('algoId') ?? params.id('algoid');
  const clientAlgoId = params.clientId('clientAlgoId') ?? params.clientId('clientalgoid');
  if (algoId === undefined && clientAlgoId === undefined) throw refuse.neitherAlgoId();
  return {
    ...optional('algoId', algoId === undefined ? undefined : ids.read(algoId)),
    ...optional('clientAlgoId', clientAlgoId),
  };
};

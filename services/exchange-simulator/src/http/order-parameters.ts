import type { WireIds } from '../answers/wire-ids.ts';
import type { AlgoKey, OrderKey, PlaceAlgo, PlaceOrder } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import { refuse } from './protocol-error.ts';
import type { RequestParameters } from './request-parameters.ts';
import { optional, requireListed, requireSymbol } from './routes/shared-parameters.ts';

const ORDER_TYPES = [
  'MARKET',
  'LIMIT',
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
] as const;
const ALGO_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'] as const;

/** Reads a placement. Throws: as Binance on what is missing, too much or no word of its own. */
export const readPlacement = (venue: Venue, params: RequestParameters): PlaceOrder => {
  const symbol = params.requiredSymbol();
  params.requiredText('side');
  const side = params.oneOf('side', ['BUY', 'SELL'], refuse.invalidSide) ?? 'BUY';
  params.requiredText('type');
  const type = params.oneOf('type', ORDER_TYPES, refuse.invalidOrderType);
  if (type !== 'MARKET' && type !== 'LIMIT') throw refuse.useAlgoService();
  const isLimit = type === 'LIMIT';
  for (const name of ['price', 'timeInForce']) {
    if (isLimit) params.requiredText(name);
    else if (params.text(name) !== undefined) throw refuse.notRequired(name);
  }
  const timeInForce = params.oneOf('timeInForce', ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'], refuse.invalidTimeInForce);
  if (timeInForce === 'GTD') throw refuse.notServed('timeInForce GTD');
  if (params.boolean('closePosition') === true) throw refuse.notRequired('closePosition');
  requireListed(venue, symbol);
  return {
    symbol,
    side,
    type,
    quantity: params.requiredDecimal('quantity'),
    ...optional(
      'positionSide',
      params.oneOf('positionSide', ['BOTH', 'LONG', 'SHORT'], () => refuse.invalidData('positionSide')),
    ),
    ...optional('timeInForce', timeInForce),
    ...optional('price', params.decimal('price')),
    ...optional('reduceOnly', params.boolean('reduceOnly')),
    ...optional('clientOrderId', params.clientId('newClientOrderId')),
    ...optional('priceMatch', params.text('priceMatch')),
    ...optional('selfTradePreventionMode', params.text('selfTradePreventionMode')),
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

/** Reads a conditional placement. Throws: as Binance on what is missing, too much or no word of its own. */
export const readAlgo = (venue: Venue, params: RequestParameters): PlaceAlgo => {
  const invalid = (name: string) => () => refuse.invalidData(name);
  params.requiredText('algoType');
  params.oneOf('algoType', ['CONDITIONAL'], invalid('algoType'));
  const symbol = params.requiredSymbol();
  params.requiredText('side');
  const side = params.oneOf('side', ['BUY', 'SELL'], refuse.invalidSide) ?? 'BUY';
  params.requiredText('type');
  const type = params.oneOf('type', ALGO_TYPES, refuse.invalidOrderType);
  if (type !== 'STOP_MARKET' && type !== 'TAKE_PROFIT_MARKET') throw refuse.notServed(`algo order type ${type}`);
  const closePosition = params.boolean('closePosition');
  if (closePosition !== true) params.requiredText('quantity');
  const timeInForce = params.oneOf('timeInForce', ['GTC', 'IOC', 'FOK', 'GTX'], refuse.invalidTimeInForce);
  requireListed(venue, symbol);
  return {
    symbol,
    side,
    type,
    triggerPrice: params.requiredDecimal('triggerPrice'),
    ...optional('positionSide', params.oneOf('positionSide', ['BOTH', 'LONG', 'SHORT'], invalid('positionSide'))),
    ...optional('timeInForce', timeInForce),
    ...optional('quantity', params.decimal('quantity')),
    ...optional('workingType', params.oneOf('workingType', ['CONTRACT_PRICE', 'MARK_PRICE'], invalid('workingType'))),
    ...optional('reduceOnly', params.boolean('reduceOnly')),
    ...optional('closePosition', closePosition),
    ...optional('priceProtect', params.boolean('priceProtect')),
    ...optional('clientAlgoId', params.clientId('clientAlgoId')),
    ...optional('selfTradePreventionMode', params.text('selfTradePreventionMode')),
  };
};

/** Reads which conditional order is meant. Throws: -1102 without an id. */
export const readAlgoKey = (ids: WireIds, params: RequestParameters): AlgoKey => {
  const algoId = params.id('algoId');
  const clientAlgoId = params.clientId('clientAlgoId');
  if (algoId === undefined && clientAlgoId === undefined) throw refuse.neitherAlgoId();
  return {
    ...optional('algoId', algoId === undefined ? undefined : ids.read(algoId)),
    ...optional('clientAlgoId', clientAlgoId),
  };
};

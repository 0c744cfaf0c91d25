import { type Fixed, parseFixed, placesOf, textOf, times } from './fixed.ts';
import { done, notionalTooSmall, priceTooHigh, priceTooLow, REFUSALS } from './refusals.ts';
import type { Answer, OrderKind, OrderSide, PlaceOrder, PositionSide, SymbolSpec } from './venue-types.ts';

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const CLIENT_ID_LENGTH = 36;

/** Digits after the point of a number as written, trailing zeros not counted. */
const placesIn = (text: string): number => (text.split('.')[1] ?? '').replace(/0+$/, '').length;

/** Judges a client id by length and letters. */
export const judgeClientId = (clientOrderId: string): Answer<string> => {
  if (clientOrderId.length > CLIENT_ID_LENGTH) return REFUSALS.idTooLong;
  return CLIENT_ID.test(clientOrderId) ? done(clientOrderId) : REFUSALS.idIllegal;
};

/** Judges a quantity by precision, LOT_SIZE or MARKET_LOT_SIZE. */
export const judgeQuantity = (spec: SymbolSpec, kind: OrderKind, text: string): Answer<Fixed> => {
  const quantity = parseFixed(text);
  if (quantity !== null && quantity <= 0n) return REFUSALS.quantityNotPositive;
  if (quantity === null || placesIn(text) > spec.quantityPlaces) return REFUSALS.precision;
  if (quantity < spec.minQuantity) return REFUSALS.quantityTooSmall;
  if (quantity > (kind === 'MARKET' ? spec.maxMarketQuantity : spec.maxQuantity)) return REFUSALS.quantityTooLarge;
  return quantity % spec.quantityStep === 0n ? done(quantity) : REFUSALS.quantityOffStep;
};

/** Judges a limit or trigger price by precision and PRICE_FILTER. */
export const judgePrice = (spec: SymbolSpec, text: string): Answer<Fixed> => {
  const price = parseFixed(text);
  if (price !== null && price <= 0n) return REFUSALS.priceNotPositive;
  if (price === null || placesIn(text) > spec.pricePlaces) return REFUSALS.precision;
  if (price < spec.minPrice) return REFUSALS.priceTooSmall;
  if (price > spec.maxPrice) return REFUSALS.priceTooLarge;
  return price % spec.priceStep === 0n ? done(price) : REFUSALS.priceOffTick;
};

/** Whether an order only closes: by its flag, or in hedge mode by its side. */
export const isClosing = (order: { side: OrderSide; positionSide?: PositionSide; reduceOnly?: boolean }): boolean =>
  order.reduceOnly === true || order.positionSide === (order.side === 'SELL' ? 'LONG' : 'SHORT');

/** An order that passed every rule which needs no account. `price` is zero for market orders. */
export interface JudgedOrder {
  readonly quantity: Fixed;
  readonly price: Fixed;
}

interface PricesNow {
  readonly mark: Fixed;
  readonly bid: Fixed;
  readonly ask: Fixed;
}

const judgeBand = (spec: SymbolSpec, side: OrderSide, price: Fixed, mark: Fixed): Answer<null> => {
  const highest = times(mark, spec.priceBandUp);
  const lowest = times(mark, spec.priceBandDown);
  if (side === 'BUY' && price > highest) return priceTooHigh(placesOf(highest, spec.pricePlaces));
  if (side === 'SELL' && price < lowest) return priceTooLow(placesOf(lowest, spec.pricePlaces));
  return done(null);
};

/** Judges an order by its parameters and the symbol's filters, in the venue's order of checks. */
export const judgeOrder = (spec: SymbolSpec, order: PlaceOrder, prices: PricesNow): Answer<JudgedOrder> => {
  if (order.clientOrderId !== undefined) {
    const id = judgeClientId(order.clientOrderId);
    if (id.kind === 'refused') return id;
  }
  const isLimit = order.type === 'LIMIT';
  if (isLimit && order.timeInForce === undefined) return REFUSALS.forceMissing;
  if (!isLimit && order.timeInForce !== undefined) return REFUSALS.forceNotWanted;
  if (isLimit && order.price === undefined) return REFUSALS.priceMissing;
  if (!isLimit && order.price !== undefined) return REFUSALS.priceNotWanted;
  const quantity = judgeQuantity(spec, order.type, order.quantity);
  if (quantity.kind === 'refused') return quantity;
  const price = order.price === undefined ? done(0n) : judgePrice(spec, order.price);
  if (price.kind === 'refused') return price;
  if (isLimit) {
    const band = judgeBand(spec, order.side, price.value, prices.mark);
    if (band.kind === 'refused') return band;
  } else {
    const best = order.side === 'BUY' ? prices.ask : prices.bid;
    const band = judgeBand(spec, order.side, best, prices.mark);
    if (band.kind === 'refused') return REFUSALS.counterpartyBand;
  }
  const notional = times(quantity.value, isLimit ? price.value : prices.mark);
  if (!isClosing(order) && notional < spec.minNotional) return notionalTooSmall(textOf(spec.minNotional));
  return done({ quantity: quantity.value, price: price.value });
};

import { type Fixed, fixed, ONE, parseFixed, placesOf, textOf, times } from './fixed.ts';
import { judgeGoodTill } from './good-till.ts';
import { isClosing, judgeClientId, judgePrice, judgeQuantity } from './order-rules.ts';
import { done, notionalTooSmall, REFUSALS, stopPriceTooHigh, stopPriceTooLow, strategyInvalid } from './refusals.ts';
import { shownStopOf } from './trailing.ts';
import { type TriggerPrices, waitsForRise, workingPrice } from './trigger-book.ts';
import type { AlgoKind, Answer, OrderSide, PlaceAlgo, SymbolSpec } from './venue-types.ts';

/** Callback of a trailing stop as on the wire, 1 = 1 %. Source: exchange notice of 2026-10-23 (the largest was 10 before). */
const LEAST_CALLBACK = fixed('0.1');
const MOST_CALLBACK = fixed('20');
const CALLBACK_STEP = fixed('0.1');

/** A conditional order that passed every rule which needs no account. */
export interface JudgedAlgo {
  readonly quantity: Fixed;
  readonly triggerPrice: Fixed;
  readonly price: Fixed;
  readonly activatePrice: Fixed;
  readonly callbackRatio: Fixed;
  readonly extremePrice: Fixed;
  readonly goodTillMs: number;
}

type JudgedTrigger = Pick<JudgedAlgo, 'activatePrice' | 'callbackRatio' | 'extremePrice' | 'triggerPrice'>;
const NO_TRAIL = { activatePrice: 0n, callbackRatio: 0n, extremePrice: 0n };

interface Surroundings {
  readonly spec: SymbolSpec;
  readonly prices: TriggerPrices;
  readonly nowMs: number;
}

/** Whether an order of that kind becomes a limit order. */
export const isLimitKind = (type: AlgoKind): boolean => type === 'STOP' || type === 'TAKE_PROFIT';

/** Judges which parameters go with a kind. */
const judgeCombination = (request: PlaceAlgo): Answer<null> => {
  const { type } = request;
  if (request.closePosition === true) {
    if (type !== 'STOP_MARKET' && type !== 'TAKE_PROFIT_MARKET') return strategyInvalid(type);
    if (request.quantity !== undefined && parseFixed(request.quantity) !== 0n) return REFUSALS.quantityNotWanted;
    if (request.reduceOnly === true) return REFUSALS.reduceOnlyNotWanted;
  } else if (request.quantity === undefined) return REFUSALS.quantityMissing;
  if (type === 'TRAILING_STOP_MARKET') {
    if (request.triggerPrice !== undefined) return REFUSALS.triggerNotWanted;
    if (request.callbackRate === undefined) return REFUSALS.callbackMissing;
  } else {
    if (request.triggerPrice === undefined) return REFUSALS.triggerMissing;
    if (request.activatePrice !== undefined) return REFUSALS.activationNotWanted;
    if (request.callbackRate !== undefined) return REFUSALS.callbackNotWanted;
  }
  if (!isLimitKind(type)) {
    if (request.priceMatch !== undefined) return REFUSALS.matchUnsupported;
    return request.price === undefined ? done(null) : REFUSALS.priceNotWanted;
  }
  if (request.priceMatch !== undefined) return request.price === undefined ? done(null) : REFUSALS.priceNotWanted;
  return request.price === undefined ? REFUSALS.priceMissing : done(null);
};

/** Judges a trigger by PRICE_FILTER and by where the market is. */
const judgeTrigger = (request: PlaceAlgo, { spec, prices }: Surroundings): Answer<JudgedTrigger> => {
  const trigger = judgePrice(spec, request.triggerPrice ?? '');
  if (trigger.kind === 'refused') return trigger;
  const price = workingPrice(request.workingType ?? 'CONTRACT_PRICE', prices);
  const isPassed = waitsForRise(request.side, request.type) ? price >= trigger.value : price <= trigger.value;
  return isPassed ? REFUSALS.wouldTrigger : done({ ...NO_TRAIL, triggerPrice: trigger.value });
};

/** Judges the limit behind a trigger: by PRICE_FILTER, and by PERCENT_PRICE around the trigger. */
const judgeLimit = (spec: SymbolSpec, side: OrderSide, text: string, triggerPrice: Fixed): Answer<Fixed> => {
  const price = judgePrice(spec, text);
  if (price.kind === 'refused') return price;
  const highest = times(triggerPrice, spec.priceBandUp);
  const lowest = times(triggerPrice, spec.priceBandDown);
  if (side === 'BUY' && price.value > highest) return stopPriceTooHigh(placesOf(highest, spec.pricePlaces));
  if (side === 'SELL' && price.value < lowest) return stopPriceTooLow(placesOf(lowest, spec.pricePlaces));
  return price;
};

/** Judges a trailing stop. Its activation lies ahead of the market: above for a seller, below for a buyer. */
const judgeTrail = (request: PlaceAlgo, { spec, prices }: Surroundings): Answer<JudgedTrigger> => {
  const rate = parseFixed(request.callbackRate ?? '');
  const isKnown = rate !== null && rate >= LEAST_CALLBACK && rate <= MOST_CALLBACK && rate % CALLBACK_STEP === 0n;
  if (!isKnown) return REFUSALS.callbackInvalid;
  const callbackRatio = (rate * fixed('0.01')) / ONE;
  const now = workingPrice(request.workingType ?? 'CONTRACT_PRICE', prices);
  const { side } = request;
  if (request.activatePrice === undefined) {
    const trail = { activatePrice: now, callbackRatio, extremePrice: now };
    return done({ ...trail, triggerPrice: shownStopOf({ ...trail, side }, spec.priceStep) });
  }
  const activation = judgePrice(spec, request.activatePrice);
  if (activation.kind === 'refused') {
    return activation.code === REFUSALS.priceNotPositive.code ? REFUSALS.activationInvalid : activation;
  }
  const activatePrice = activation.value;
  const isAhead = side === 'SELL' ? activatePrice > now : activatePrice < now;
  if (!isAhead) return REFUSALS.wouldTrigger;
  return done({ activatePrice, callbackRatio, extremePrice: 0n, triggerPrice: 0n });
};

/** Judges a conditional order by its parameters, the symbol's filters and the market, in the venue's order of checks. */
export const judgeAlgo = (request: PlaceAlgo, around: Surroundings): Answer<JudgedAlgo> => {
  const { spec, prices, nowMs } = around;
  if (request.clientAlgoId !== undefined) {
    const id = judgeClientId(request.clientAlgoId);
    if (id.kind === 'refused') return id;
  }
  const combination = judgeCombination(request);
  if (combination.kind === 'refused') return combination;
  const goodTill = judgeGoodTill(request, nowMs);
  if (goodTill.kind === 'refused') return goodTill;
  const kind = isLimitKind(request.type) ? 'LIMIT' : 'MARKET';
  const quantity = request.closePosition === true ? done(0n) : judgeQuantity(spec, kind, request.quantity ?? '');
  if (quantity.kind === 'refused') return quantity;
  const isTrailing = request.type === 'TRAILING_STOP_MARKET';
  const trigger = isTrailing ? judgeTrail(request, around) : judgeTrigger(request, around);
  if (trigger.kind === 'refused') return trigger;
  const { triggerPrice } = trigger.value;
  const price = request.price === undefined ? done(0n) : judgeLimit(spec, request.side, request.price, triggerPrice);
  if (price.kind === 'refused') return price;
  const isOpening = request.closePosition !== true && !isClosing(request);
  const valued = isTrailing ? prices.mark : price.value === 0n ? triggerPrice : price.value;
  if (isOpening && times(quantity.value, valued) < spec.minNotional) return notionalTooSmall(textOf(spec.minNotional));
  return done({ ...trigger.value, quantity: quantity.value, price: price.value, goodTillMs: goodTill.value });
};

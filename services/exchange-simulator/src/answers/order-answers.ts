import { type Fixed, placesOf } from '../domain/fixed.ts';
import type { AlgoView, AmendmentView, FillView, OrderView, SymbolSpec } from '../domain/venue-types.ts';
import { money, moneyOrZero, plain } from './number-texts.ts';
import type { WireIds } from './wire-ids.ts';

/** Looks up the rules of a symbol that the venue itself has named. */
export type SpecOf = (symbol: string) => SymbolSpec;

const AVERAGE_PLACES = 5;
const HUNDRED = 100n;

/** Returns what a conditional order is in the matching engine. */
export const actualTypeOf = ({ type }: AlgoView): string =>
  type === 'STOP' || type === 'TAKE_PROFIT' ? 'LIMIT' : 'MARKET';

/** Returns the callback of a trailing stop as the wire has it: 1.0 for 1 %. */
export const callbackRateOf = ({ callbackRatio }: AlgoView): string => placesOf(callbackRatio * HUNDRED, 1);

/** Orders, conditional orders and fills as REST answers. Source: recorded mainnet session of 2026-08-08 and the documented examples. */
export class OrderAnswers {
  readonly #specOf: SpecOf;
  readonly #ids: WireIds;

  constructor(specOf: SpecOf, ids: WireIds) {
    this.#specOf = specOf;
    this.#ids = ids;
  }

  /** The default answer to a placement: accepted, and nothing said of what became of it. */
  acknowledgement(order: OrderView): object {
    const {
      executedQty: _executed,
      cumQuote: _quote,
      avgPrice: _average,
      ...rest
    } = this.result(order) as Record<string, unknown>;
    const none = this.#quantity(order, 0n);
    return { ...rest, status: 'NEW', executedQty: none, cumQty: none };
  }

  /** The answer with `newOrderRespType=RESULT`, and to a cancel. */
  result(order: OrderView): object {
    const { time: _time, ...rest } = this.query(order) as Record<string, unknown>;
    return { ...rest, cumQty: this.#quantity(order, order.executedQuantity) };
  }

  /** The answer to an amendment. The documentation has the pair and the base traded, its websocket twin the quote traded: both are given. */
  amended(order: OrderView): object {
    return { ...this.result(order), pair: order.symbol, cumBase: this.#quantity(order, order.executedQuantity) };
  }

  /** One change of an order, as its history tells it. */
  amendment(amendment: AmendmentView): object {
    const { price, quantity, count } = amendment;
    const texts = ({ before, after }: { before: Fixed; after: Fixed }) => ({
      before: plain(before),
      after: plain(after),
    });
    return {
      amendmentId: amendment.amendmentId,
      symbol: amendment.symbol,
      pair: amendment.symbol,
      orderId: this.#ids.print(amendment.orderId),
      clientOrderId: amendment.clientOrderId,
      time: amendment.timeMs,
      amendment: { price: texts(price), origQty: texts(quantity), count },
      priceMatch: amendment.priceMatch,
    };
  }

  query(order: OrderView): object {
    const spec = this.#specOf(order.symbol);
    const price = (value: Fixed): string => placesOf(value, spec.pricePlaces);
    return {
      orderId: this.#ids.print(order.orderId),
      symbol: order.symbol,
      status: order.status,
      clientOrderId: order.clientOrderId,
      price: price(order.price),
      avgPrice: placesOf(order.averagePrice, Math.max(AVERAGE_PLACES, spec.pricePlaces)),
      origQty: this.#quantity(order, order.quantity),
      executedQty: this.#quantity(order, order.executedQuantity),
      cumQuote: placesOf(order.cumulativeQuote, this.#quotePlaces(spec)),
      timeInForce: order.timeInForce,
      type: order.type,
      reduceOnly: order.reduceOnly,
      closePosition: order.closePosition,
      side: order.side,
      positionSide: order.positionSide,
      stopPrice: price(order.stopPrice),
      workingType: order.workingType,
      priceProtect: order.priceProtect,
      origType: order.origType,
      priceMatch: order.priceMatch,
      selfTradePreventionMode: order.selfTradePreventionMode,
      goodTillDate: order.goodTillMs,
      time: order.createdMs,
      updateTime: order.updatedMs,
    };
  }

  placedAlgo(algo: AlgoView): object {
    const { price } = this.#algoTexts(algo);
    const isTrailing = algo.type === 'TRAILING_STOP_MARKET';
    return {
      ...this.#algoHead(algo),
      triggerPrice: price(algo.triggerPrice),
      price: price(algo.price),
      icebergQuantity: null,
      ...this.#algoTail(algo),
      ...(isTrailing ? this.#trail(algo) : { activatePrice: '', callbackRate: '' }),
    };
  }

  queriedAlgo(algo: AlgoView): object {
    const { price, quantity } = this.#algoTexts(algo);
    const average = placesOf(algo.actualPrice, AVERAGE_PLACES);
    return {
      ...this.#algoHead(algo),
      actualOrderId: algo.actualOrderId === null ? '' : this.#ids.text(algo.actualOrderId),
      actualPrice: average,
      ...(algo.actualOrderId === null
        ? {}
        : { actualQty: quantity(algo.actualQuantity), actualType: actualTypeOf(algo) }),
      triggerPrice: price(algo.triggerPrice),
      price: price(algo.price),
      icebergQuantity: null,
      tpTriggerPrice: '0.000',
      tpPrice: '0.000',
      slTriggerPrice: '0.000',
      slPrice: '0.000',
      tpOrderType: '',
      ...this.#algoTail(algo),
      ...(algo.type === 'TRAILING_STOP_MARKET' ? this.#trail(algo) : {}),
    };
  }

  /** The documented answer is the ids with `code` and `msg`; recorded clients expect the order. Both are given. */
  canceledAlgo(algo: AlgoView): object {
    const { activatePrice, callbackRate, ...order } = this.placedAlgo(algo) as Record<string, unknown>;
    const trail = algo.type === 'TRAILING_STOP_MARKET' ? { activatePrice, callbackRate } : {};
    return { ...order, ...trail, code: '200', msg: 'success' };
  }

  fill(fill: FillView): object {
    const spec = this.#specOf(fill.symbol);
    return {
      symbol: fill.symbol,
      id: fill.tradeId,
      orderId: this.#ids.print(fill.orderId),
      pair: fill.symbol,
      side: fill.side,
      price: placesOf(fill.price, spec.pricePlaces),
      qty: placesOf(fill.quantity, spec.quantityPlaces),
      realizedPnl: moneyOrZero(fill.realizedPnl),
      quoteQty: placesOf(fill.quoteQuantity, this.#quotePlaces(spec)),
      commission: money(fill.fee),
      commissionAsset: fill.feeAsset,
      time: fill.timeMs,
      positionSide: fill.positionSide,
      baseQty: '0',
      marginAsset: spec.quoteAsset,
      buyer: fill.side === 'BUY',
      maker: fill.isMaker,
    };
  }

  #quantity(order: OrderView, value: Fixed): string {
    return placesOf(value, this.#specOf(order.symbol).quantityPlaces);
  }

  #quotePlaces(spec: SymbolSpec): number {
    return Math.min(8, spec.pricePlaces + spec.quantityPlaces);
  }

  #algoTexts(algo: AlgoView) {
    const spec = this.#specOf(algo.symbol);
    return {
      price: (value: Fixed): string => placesOf(value, spec.pricePlaces),
      quantity: (value: Fixed): string => placesOf(value, spec.quantityPlaces),
    };
  }

  #trail(algo: AlgoView): object {
    const { price } = this.#algoTexts(algo);
    return { activatePrice: price(algo.activatePrice), callbackRate: callbackRateOf(algo) };
  }

  #algoHead(algo: AlgoView): object {
    return {
      algoId: this.#ids.print(algo.algoId),
      clientAlgoId: algo.clientAlgoId,
      algoType: 'CONDITIONAL',
      orderType: algo.type,
      symbol: algo.symbol,
      side: algo.side,
      positionSide: algo.positionSide,
      timeInForce: algo.timeInForce,
      quantity: this.#algoTexts(algo).quantity(algo.quantity),
      algoStatus: algo.status,
    };
  }

  #algoTail(algo: AlgoView): object {
    return {
      selfTradePreventionMode: algo.selfTradePreventionMode,
      workingType: algo.workingType,
      priceMatch: algo.priceMatch,
      closePosition: algo.closePosition,
      priceProtect: algo.priceProtect,
      reduceOnly: algo.reduceOnly,
      createTime: algo.createdMs,
      updateTime: algo.updatedMs,
      triggerTime: algo.triggeredMs,
      goodTillDate: algo.goodTillMs,
    };
  }
}

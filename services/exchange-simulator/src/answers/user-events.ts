import type {
  AccountEvent,
  AlgoEvent,
  ConfigEvent,
  MarginCallEvent,
  OrderEvent,
  PositionView,
} from '../domain/venue-types.ts';
import { money, moneyOrZero, plain } from './number-texts.ts';
import { actualTypeOf, callbackRateOf } from './order-answers.ts';
import type { WireIds } from './wire-ids.ts';

const ASSET = 'USDT';
const marginTypeOf = (position: PositionView): string => (position.marginType === 'ISOLATED' ? 'isolated' : 'cross');

/** User stream messages. Source: recorded user streams of 2024-11 and 2026-04, the algo update of 2026-09, documented examples. */
export class UserEvents {
  readonly #ids: WireIds;

  constructor(ids: WireIds) {
    this.#ids = ids;
  }

  orderTradeUpdate({ order, fill, execution, timeMs, bidNotional, askNotional, expiryReason }: OrderEvent): object {
    return {
      e: 'ORDER_TRADE_UPDATE',
      T: timeMs,
      E: timeMs,
      o: {
        s: order.symbol,
        c: order.clientOrderId,
        S: order.side,
        o: order.type,
        f: order.timeInForce,
        q: plain(order.quantity),
        p: plain(order.price),
        ap: plain(order.averagePrice),
        sp: plain(order.stopPrice),
        x: execution,
        X: order.status,
        i: this.#ids.print(order.orderId),
        l: plain(fill?.quantity ?? 0n),
        z: plain(order.executedQuantity),
        L: plain(fill?.price ?? 0n),
        n: moneyOrZero(fill?.fee ?? 0n),
        N: fill?.feeAsset ?? ASSET,
        T: timeMs,
        t: fill?.tradeId ?? 0,
        b: plain(bidNotional),
        a: plain(askNotional),
        m: fill?.isMaker ?? false,
        R: order.reduceOnly,
        wt: order.workingType,
        ot: order.origType,
        ps: order.positionSide,
        cp: order.closePosition,
        rp: moneyOrZero(fill?.realizedPnl ?? 0n),
        pP: order.priceProtect,
        si: 0,
        ss: 0,
        V: order.selfTradePreventionMode,
        pm: order.priceMatch,
        gtd: order.goodTillMs,
        er: expiryReason,
      },
    };
  }

  /** The short form of a fill, which the venue sends ahead of the long one; undefined when nothing was filled. */
  tradeLite({ order, fill, timeMs }: OrderEvent): object | undefined {
    if (fill === null) return undefined;
    return {
      e: 'TRADE_LITE',
      E: timeMs,
      T: timeMs,
      s: order.symbol,
      q: plain(order.quantity),
      p: plain(order.price),
      m: fill.isMaker,
      c: order.clientOrderId,
      S: order.side,
      L: plain(fill.price),
      l: plain(fill.quantity),
      t: fill.tradeId,
      i: this.#ids.print(order.orderId),
    };
  }

  algoUpdate({ algo, timeMs }: AlgoEvent): object {
    const isTriggered = algo.actualOrderId !== null;
    const isTrailing = algo.type === 'TRAILING_STOP_MARKET';
    return {
      e: 'ALGO_UPDATE',
      T: timeMs,
      E: timeMs,
      o: {
        caid: algo.clientAlgoId,
        aid: this.#ids.print(algo.algoId),
        at: 'CONDITIONAL',
        o: algo.type,
        s: algo.symbol,
        S: algo.side,
        ps: algo.positionSide,
        f: algo.timeInForce,
        q: plain(algo.quantity),
        X: algo.status,
        ai: algo.actualOrderId === null ? '' : this.#ids.text(algo.actualOrderId),
        ...(isTriggered
          ? { ap: plain(algo.actualPrice), aq: plain(algo.actualQuantity), act: actualTypeOf(algo) }
          : {}),
        tp: plain(algo.triggerPrice),
        p: plain(algo.price),
        V: algo.selfTradePreventionMode,
        wt: algo.workingType,
        pm: algo.priceMatch,
        cp: algo.closePosition,
        pP: algo.priceProtect,
        R: algo.reduceOnly,
        ...(isTrailing ? { AP: plain(algo.activatePrice), cr: callbackRateOf(algo) } : {}),
        tt: algo.triggeredMs,
        gtd: algo.goodTillMs,
        ...(algo.reason === '' ? {} : { rm: algo.reason }),
        ia: false,
      },
    };
  }

  accountUpdate({ balances, positions, reason, timeMs }: AccountEvent): object {
    return {
      e: 'ACCOUNT_UPDATE',
      T: timeMs,
      E: timeMs,
      a: {
        B: balances.map((balance) => ({
          a: balance.asset,
          wb: money(balance.walletBalance),
          cw: money(balance.crossWalletBalance),
          bc: moneyOrZero(balance.balanceChange),
        })),
        P: positions.map((position) => ({
          s: position.symbol,
          pa: plain(position.signedQuantity),
          ep: plain(position.entryPrice),
          cr: moneyOrZero(position.accumulatedRealized),
          up: moneyOrZero(position.unrealizedPnl),
          mt: marginTypeOf(position),
          iw: moneyOrZero(position.isolatedWallet),
          ps: position.positionSide,
          ma: ASSET,
          bep: plain(position.breakEvenPrice),
        })),
        m: reason,
      },
    };
  }

  /** Undefined for changes the venue does not announce: the position mode is only seen when asked for. */
  configUpdate({ symbol, leverage, multiAssetsMode, timeMs }: ConfigEvent): object | undefined {
    if (multiAssetsMode !== null) {
      return { e: 'ACCOUNT_CONFIG_UPDATE', T: timeMs, E: timeMs, ai: { j: multiAssetsMode } };
    }
    if (symbol === null || leverage === null) return undefined;
    return { e: 'ACCOUNT_CONFIG_UPDATE', T: timeMs, E: timeMs, ac: { s: symbol, l: leverage } };
  }

  marginCall({ crossWalletBalance, positions, timeMs }: MarginCallEvent): object {
    return {
      e: 'MARGIN_CALL',
      E: timeMs,
      ...(crossWalletBalance === null ? {} : { cw: money(crossWalletBalance) }),
      p: positions.map((position) => ({
        s: position.symbol,
        ps: position.positionSide,
        pa: plain(position.signedQuantity),
        mt: position.marginType,
        iw: moneyOrZero(position.isolatedWallet),
        mp: plain(position.markPrice),
        up: plain(position.unrealizedPnl),
        mm: plain(position.maintenanceMargin),
      })),
    };
  }

  listenKeyExpired(listenKey: string, timeMs: number): object {
    return { e: 'listenKeyExpired', E: timeMs, listenKey };
  }
}

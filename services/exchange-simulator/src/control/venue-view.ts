import type { Request, Response, Router } from 'express';
import { placesOf, textOf } from '../domain/fixed.ts';
import type { AlgoView, FillView, OrderView, PositionView, SymbolSpec } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import { refusal } from './control-refusal.ts';
import type { RecentLedger } from './recent-ledger.ts';

interface VenueViewDeps {
  readonly venue: Venue;
  readonly accountIds: readonly string[];
  readonly recentLedger: RecentLedger;
  readonly intervalMs: number;
  /** `stepped`, `max` or the factor. */
  readonly speed: string | number;
  readonly sockets: () => number;
}

const CANDLES = 200;
const BOOK_LEVELS = 10;
const FILLS = 100;
const LEDGER_LINES = 40;

const positionShown = (position: PositionView): object => ({
  symbol: position.symbol,
  positionSide: position.positionSide,
  quantity: textOf(position.signedQuantity),
  entryPrice: textOf(position.entryPrice),
  markPrice: textOf(position.markPrice),
  unrealizedUsdt: textOf(position.unrealizedPnl),
  leverage: position.leverage,
  marginType: position.marginType,
  liquidationPrice: textOf(position.liquidationPrice),
});

const orderShown = (order: OrderView): object => ({
  symbol: order.symbol,
  side: order.side,
  type: order.type,
  quantity: textOf(order.quantity),
  executed: textOf(order.executedQuantity),
  price: textOf(order.price),
  clientOrderId: order.clientOrderId,
});

const algoShown = (algo: AlgoView): object => ({
  symbol: algo.symbol,
  side: algo.side,
  type: algo.type,
  quantity: textOf(algo.quantity),
  closePosition: algo.closePosition,
  triggerPrice: textOf(algo.triggerPrice),
  clientOrderId: algo.clientAlgoId,
});

const fillShown = (fill: FillView): object => ({
  timeMs: fill.timeMs,
  symbol: fill.symbol,
  side: fill.side,
  quantity: textOf(fill.quantity),
  price: textOf(fill.price),
  fee: textOf(fill.fee),
  feeAsset: fill.feeAsset,
  realizedUsdt: textOf(fill.realizedPnl),
});

const accountShown = (venue: Venue, accountId: string): object => {
  const account = venue.account(accountId);
  const held = account.assets.filter(({ asset, walletBalance }) => asset === 'USDT' || walletBalance !== 0n);
  return {
    accountId,
    assets: held.map(({ asset, walletBalance }) => ({ asset, wallet: textOf(walletBalance) })),
    unrealizedUsdt: textOf(account.unrealizedPnl),
    availableUsdt: textOf(account.availableBalance),
    marginUsdt: textOf(account.initialMargin),
    positions: account.positions.filter(({ signedQuantity }) => signedQuantity !== 0n).map(positionShown),
    orders: [...venue.openOrders(accountId).map(orderShown), ...venue.openAlgos(accountId).map(algoShown)],
    fills: venue.fills(accountId, { limit: FILLS }).map(fillShown),
  };
};

const marketShown = (venue: Venue, { symbol, pricePlaces, quantityPlaces }: SymbolSpec): object => {
  const mark = venue.mark(symbol);
  const book = venue.book(symbol, BOOK_LEVELS);
  const price = (value: bigint): string => placesOf(value, pricePlaces);
  const quantity = (value: bigint): string => placesOf(value, quantityPlaces);
  const level = (one: { price: bigint; quantity: bigint }) => [price(one.price), quantity(one.quantity)];
  return {
    symbol,
    lastPrice: price(venue.lastTrade(symbol).lastPrice),
    mark: {
      markPrice: price(mark.markPrice),
      indexPrice: price(mark.indexPrice),
      fundingRate: textOf(mark.fundingRate),
      nextFundingTimeMs: mark.nextFundingTimeMs,
    },
    book: { bids: book.bids.map(level), asks: book.asks.map(level) },
    candles: venue
      .candles({ symbol, limit: CANDLES })
      .map((candle) => [
        candle.openTimeMs,
        price(candle.open),
        price(candle.high),
        price(candle.low),
        price(candle.close),
        quantity(candle.volume),
      ]),
  };
};

/** `GET /control/view?symbol=`: one market and all accounts as the page at `/` shows them. It costs no request weight and shows no key. */
export function venueViewRoutes(router: Router, deps: VenueViewDeps): void {
  const { venue, accountIds, recentLedger, intervalMs, speed, sockets } = deps;
  router.get('/control/view', (request: Request, response: Response) => {
    const { symbol: asked } = request.query;
    const name = typeof asked === 'string' ? asked : '';
    const spec = asked === undefined ? venue.specs()[0] : venue.spec(name);
    if (spec === undefined || spec === null) {
      refusal(response, 404, 'NO_SUCH_SYMBOL', `${name} is not listed here`);
      return;
    }
    response.json({
      state: { ...venue.state(), speed, sockets: sockets() },
      intervalMs,
      symbols: venue.specs().map(({ symbol }) => ({ symbol })),
      ...marketShown(venue, spec),
      accounts: accountIds.map((accountId) => accountShown(venue, accountId)),
      ledger: recentLedger.last(LEDGER_LINES),
    });
  });
}

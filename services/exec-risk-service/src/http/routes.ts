import { TradingMode } from '@qt/contracts';
import type { OrderRepository } from '@qt/database';
import { type Decimal, toText } from '@qt/kernel';
import { dailyPnl, drawdownRatio, unrealizedPnl } from '@qt/risk';
import { type BuiltService, operatorOnly } from '@qt/service-kit';
import { z } from 'zod';
import type { Engine } from '../execution/engine.ts';
import type { Trading } from '../ports.ts';

type Router = Parameters<NonNullable<BuiltService['routes']>>[0];

const ORDERS_SHOWN = 50;
const ModeRequest = z.strictObject({
  mode: TradingMode,
  reason: z.string().trim().min(3).max(500),
  actor: z.string().trim().min(1).max(64).optional(),
});

export interface RoutesDeps {
  readonly trading: Trading;
  readonly engine: Engine;
  readonly orders: Pick<OrderRepository, 'listRecent'>;
  /** Without it nothing can be changed over HTTP. */
  readonly operatorKey: string | undefined;
}

const text = (value: Decimal | null): string | null => (value === null ? null : toText(value));

const positionsOf = ({ book }: Trading) =>
  book.positions.map((position) => {
    const markPrice = book.markPriceOf(position.symbol);
    return {
      positionId: position.positionId,
      symbol: position.symbol,
      direction: position.direction,
      quantity: toText(position.quantity),
      entryPrice: toText(position.entryPrice),
      markPrice: text(markPrice),
      unrealizedPnlUsdt: markPrice === null ? null : toText(unrealizedPnl(position, markPrice)),
      leverage: position.leverage,
      stopPrice: text(position.stopPrice),
      targetPrice: text(position.targetPrice),
      isProtected: !book.unprotectedSinceMs.has(position.symbol),
      openedAtMs: position.openedAtMs,
      horizonEndsAtMs: position.horizonEndsAtMs,
      realizedPnlUsdt: toText(position.realizedPnlUsdt),
      feesUsdt: toText(position.feesUsdt),
      fundingUsdt: toText(position.fundingUsdt),
      decisionId: position.decisionId,
      signalId: position.signalId,
    };
  });

const accountOf = ({ book }: Trading) => {
  const view = book.view();
  const baseline = book.riskState;
  return {
    walletUsdt: toText(view.walletUsdt),
    unrealizedPnlUsdt: toText(view.unrealizedPnlUsdt),
    equityUsdt: toText(view.equityUsdt),
    grossExposureUsdt: toText(view.grossExposureUsdt),
    netExposureUsdt: toText(view.netExposureUsdt),
    openPositions: book.positions.length,
    dailyPnlUsdt: baseline === null ? null : toText(dailyPnl(baseline, view.equityUsdt)),
    drawdownRatio: baseline === null ? null : drawdownRatio(baseline, view.equityUsdt).toNumber(),
    dayTrades: baseline?.dayTrades ?? 0,
    unknownOrders: book.unknownOrders.length,
    holds: Object.fromEntries(book.holds),
  };
};

/** Adds the pages of this service: positions, account, orders, and the mode, which only an operator may change. */
export const addRoutes = (router: Router, { trading, engine, orders, operatorKey }: RoutesDeps): void => {
  router.get('/api/v1/positions', (_request, response) => void response.json({ positions: positionsOf(trading) }));
  router.get('/api/v1/account', (_request, response) => void response.json(accountOf(trading)));
  router.get('/api/v1/orders', async (_request, response) => {
    const recent = await orders.listRecent(ORDERS_SHOWN);
    response.json({
      orders: recent.map((order) => ({
        ...order,
        quantity: text(order.quantity),
        price: text(order.price),
        executedQuantity: toText(order.executedQuantity),
        averagePrice: text(order.averagePrice),
        venueExecutedQuantity: toText(order.venueExecutedQuantity),
      })),
    });
  });
  const mode = () => ({ ...engine.modes.control, effectiveMode: engine.modes.effective });
  router.get('/api/v1/control/mode', (_request, response) => void response.json(mode()));
  router.post('/api/v1/control/mode', operatorOnly(operatorKey), async (request, response) => {
    const parsed = ModeRequest.safeParse(request.body);
    if (!parsed.success) {
      response.status(400).json({ error: { code: 'BAD_REQUEST', message: z.prettifyError(parsed.error) } });
      return;
    }
    await engine.changeMode({ ...parsed.data, actor: parsed.data.actor ?? 'operator' });
    response.json(mode());
  });
};

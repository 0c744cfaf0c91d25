import type { Database } from '@qt/database';
import { OrderRepository } from '@qt/database';
import type { EventBus } from '@qt/event-bus';
import type { ExchangePort } from '@qt/exchange-client';
import { type Clock, type MarketClock, type SerialQueue, toText } from '@qt/kernel';
import { dailyPnl, type RiskLimits } from '@qt/risk';
import type { BuiltService, Logger, Metrics } from '@qt/service-kit';
import { AccountBook } from './execution/account-book.ts';
import { DecisionTime, Engine } from './execution/engine.ts';
import { FillBooking } from './execution/fill-booking.ts';
import { Mailbox } from './execution/mailbox.ts';
import { OrderDesk } from './execution/order-desk.ts';
import { ExecMetrics } from './exec-metrics.ts';
import { onSignalGenerated } from './handlers/on-signal-generated.ts';
import { addRoutes } from './http/routes.ts';
import type { Trading, TradingSettings } from './ports.ts';

export interface AppDeps {
  readonly database: Database;
  readonly bus: EventBus;
  readonly exchange: ExchangePort;
  /** Shared with the bus: signals, stream updates, ticks and operators pass through it one after another. */
  readonly queue: SerialQueue;
  readonly clock: Clock;
  readonly marketClock: MarketClock | null;
  readonly limits: RiskLimits;
  readonly settings: TradingSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly operatorKey: string | undefined;
  readonly crashPoint: (point: string) => void;
}

/** Lets the process end and be started again: what it believes is not to be acted on. */
const endProcess = (error: Error): void => {
  setImmediate(() => {
    throw error;
  });
};

export interface App {
  readonly engine: Engine;
  readonly health: () => object;
  readonly routes: NonNullable<BuiltService['routes']>;
}

/** Binds handlers, routes and the money loop to their ports. */
export const buildApp = (deps: AppDeps): App => {
  const { database, bus, exchange, queue, clock, marketClock, limits, settings, logger } = deps;
  const time = new DecisionTime(clock, marketClock);
  const metrics = new ExecMetrics(deps.metrics);
  const trading: Trading = {
    bus,
    exchange,
    book: new AccountBook(),
    mailbox: new Mailbox(() => engine.onLetter()),
    limits,
    settings,
    logger,
    metrics,
    nowMs: time.nowMs,
    crashPoint: deps.crashPoint,
  };
  const desk = new OrderDesk(trading, new FillBooking(trading));
  const isSimulated = settings.venue === 'simulator';
  const engine: Engine = new Engine({
    trading,
    desk,
    db: database,
    queue,
    time,
    isMarketTime: marketClock !== null,
    boot: isSimulated
      ? { mode: 'ACTIVE', reason: 'first start against the simulator', actor: 'boot', isForced: false }
      : { mode: 'HALT', reason: `trading boots disabled against ${settings.venue}`, actor: 'boot', isForced: true },
    onFatal: endProcess,
  });
  const { keeper, modes, clockOffsetMs } = engine;
  bus.subscribe(onSignalGenerated({ trading, desk, keeper, modes, advanceTo: time.advanceTo, clockOffsetMs }));

  const health = (): object => {
    const { book } = trading;
    const view = book.view();
    return {
      binance_connected: engine.check().isConnected,
      open_positions: book.positions.length,
      daily_pnl: book.riskState === null ? null : Number(dailyPnl(book.riskState, view.equityUsdt).toFixed(8)),
      daily_trades: book.riskState?.dayTrades ?? 0,
      equity_usdt: toText(view.equityUsdt),
      trading_mode: modes.effective,
      unknown_orders: book.unknownOrders.length,
      metrics: metrics.counts,
    };
  };
  const orders = new OrderRepository(database);
  return {
    engine,
    health,
    routes: (router) => addRoutes(router, { trading, engine, orders, operatorKey: deps.operatorKey }),
  };
};

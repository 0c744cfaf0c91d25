import type { Metrics } from '@qt/service-kit';

/** What the service counts, under the names that the guides' dashboards and alerts ask for; `/health` shows the same numbers. */
export class ExecMetrics {
  readonly counts = {
    orders_executed: 0,
    positions_opened: 0,
    positions_closed: 0,
    risk_alerts: 0,
    emergency_stops: 0,
    execution_errors: 0,
  };
  readonly #counters: Record<keyof ExecMetrics['counts'], { inc(): void }>;
  readonly #decisions;
  readonly #openPositions;
  readonly #dailyPnl;
  readonly #dailyTrades;
  readonly #unknownOrders;
  readonly #unprotected;
  readonly #candleToOrder;
  readonly #venueReply;

  constructor(metrics: Metrics) {
    this.#counters = {
      orders_executed: metrics.counter({ name: 'orders_executed_total', help: 'Orders that the venue has executed.' }),
      positions_opened: metrics.counter({ name: 'positions_opened_total', help: 'Positions opened.' }),
      positions_closed: metrics.counter({ name: 'positions_closed_total', help: 'Positions closed.' }),
      risk_alerts: metrics.counter({ name: 'risk_alerts_total', help: 'Risk alerts raised.' }),
      emergency_stops: metrics.counter({
        name: 'emergency_stops_total',
        help: 'Times the gate halted trading by itself.',
      }),
      execution_errors: metrics.counter({
        name: 'execution_errors_total',
        help: 'Orders refused, orders without a known outcome and failed steps of the money path.',
      }),
    };
    this.#decisions = metrics.counter({
      name: 'decisions_total',
      help: 'Decisions of the risk gate.',
      labels: ['outcome', 'code'],
    });
    this.#openPositions = metrics.gauge({ name: 'open_positions', help: 'Positions open now.' });
    this.#dailyPnl = metrics.gauge({
      name: 'daily_pnl_usd',
      help: 'Profit or loss since 00:00 UTC, open PnL, fees and funding included.',
    });
    this.#dailyTrades = metrics.gauge({ name: 'daily_trades', help: 'Positions opened since 00:00 UTC.' });
    this.#unknownOrders = metrics.gauge({
      name: 'unknown_orders',
      help: 'Orders whose outcome the venue has yet to say.',
    });
    this.#unprotected = metrics.gauge({
      name: 'unprotected_seconds',
      help: 'Longest time that an open position has been without a live stop.',
    });
    this.#candleToOrder = metrics.histogram({
      name: 'candle_to_order_seconds',
      help: 'Wall time from the signal being read to its order being on the wire.',
    });
    this.#venueReply = metrics.histogram({
      name: 'order_reply_seconds',
      help: 'Wall time from sending an order to its answer.',
    });
  }

  count(name: keyof ExecMetrics['counts']): void {
    this.counts[name] += 1;
    this.#counters[name].inc();
  }

  decided(outcome: 'approved' | 'denied', code: string): void {
    this.#decisions.inc({ outcome, code });
  }

  sentAfter(ms: number): void {
    this.#candleToOrder.observe(ms / 1000);
  }

  repliedAfter(ms: number): void {
    this.#venueReply.observe(ms / 1000);
  }

  show(state: {
    openPositions: number;
    dailyPnlUsdt: number;
    dailyTrades: number;
    unknownOrders: number;
    unprotectedMs: number;
  }): void {
    this.#openPositions.set(state.openPositions);
    this.#dailyPnl.set(state.dailyPnlUsdt);
    this.#dailyTrades.set(state.dailyTrades);
    this.#unknownOrders.set(state.unknownOrders);
    this.#unprotected.set(state.unprotectedMs / 1000);
  }
}

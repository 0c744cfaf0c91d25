import type { EventBus } from '@qt/event-bus';
import type { ExchangePort } from '@qt/exchange-client';
import type { RiskLimits } from '@qt/risk';
import type { AccountBook } from './execution/account-book.ts';
import type { ExecMetrics } from './exec-metrics.ts';
import type { Mailbox } from './execution/mailbox.ts';

/** What this service asks of the bus: transactions whose events become true with them. */
export type TransactionalBus = Pick<EventBus, 'transact'>;

/** Where the service says what an operator should know. */
export interface TradingLogger {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export interface TradingSettings {
  readonly venue: string;
  readonly symbols: readonly string[];
  readonly isTradingEnabled: boolean;
  /** How long the venue accepts a request after its time stamp. */
  readonly recvWindowMs: number;
  /** At most one `portfolio.updated` without a fill in this time. */
  readonly portfolioIntervalMs: number;
  /** Wall time that fills may take on the stream before they are fetched. */
  readonly fillWaitMs: number;
}

/** What every part of the money path works with. */
export interface Trading {
  readonly bus: TransactionalBus;
  readonly exchange: ExchangePort;
  readonly book: AccountBook;
  readonly mailbox: Mailbox;
  readonly limits: RiskLimits;
  readonly settings: TradingSettings;
  readonly logger: TradingLogger;
  readonly metrics: ExecMetrics;
  /** Time that decisions use: of the event being handled, or of the machine. Units: ms. */
  readonly nowMs: () => number;
  /** Ends the process when `point` is the one that a test named. */
  readonly crashPoint: (point: string) => void;
}

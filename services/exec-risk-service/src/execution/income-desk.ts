import { type LedgerKind, PositionUpdated } from '@qt/contracts';
import { LedgerRepository, type PositionRecord } from '@qt/database';
import type { VenueIncome } from '@qt/exchange-client';
import { type Decimal, toText, ZERO } from '@qt/kernel';
import { shiftBaseline } from '@qt/risk';
import type { Trading } from '../ports.ts';
import { postEntry } from './fill-booking.ts';
import type { ModeDesk } from './mode-desk.ts';
import type { MoneyTransaction } from './money-transaction.ts';
import type { OrderDesk } from './order-desk.ts';
import { publishPortfolio } from './portfolio.ts';

/** Money that comes with a fill is posted with the fill. */
const POSTED_WITH_FILLS = ['REALIZED_PNL', 'COMMISSION'];
const KIND_OF: Readonly<Record<string, LedgerKind>> = {
  TRANSFER: 'transfer',
  INTERNAL_TRANSFER: 'transfer',
  CROSS_COLLATERAL_TRANSFER: 'transfer',
  WELCOME_BONUS: 'transfer',
  FUNDING_FEE: 'funding',
  INSURANCE_CLEAR: 'liquidation_fee',
};

/** Posts what moves the wallet without a fill: funding, transfers, liquidation fees and whatever else the venue books. */
export class IncomeDesk {
  readonly #trading: Trading;
  readonly #desk: OrderDesk;
  readonly #modes: ModeDesk;

  constructor(trading: Trading, desk: OrderDesk, modes: ModeDesk) {
    this.#trading = trading;
    this.#desk = desk;
    this.#modes = modes;
  }

  /** Posts every income since the cursor that is not posted yet. Returns how many there were. */
  async readOn(): Promise<number> {
    const { book, exchange } = this.#trading;
    if (book.riskState === null) return 0;
    const rows = await exchange.income({ startMs: book.riskState.incomeCursorMs });
    const relevant = rows.filter((row) => !POSTED_WITH_FILLS.includes(row.incomeType) && !row.amount.isZero());
    const newest = rows.reduce((latest, row) => Math.max(latest, row.occurredAtMs), book.riskState.incomeCursorMs);
    if (relevant.length === 0) {
      book.riskState = { ...book.riskState, incomeCursorMs: newest };
      return 0;
    }
    return this.#desk.transact(async (m) => this.#post(m, relevant, newest));
  }

  /** Starts the ledger of an account that has never been kept: its wallet is one opening balance, older income is in it. */
  async open(walletUsdt: Decimal): Promise<void> {
    const { exchange, nowMs } = this.#trading;
    const rows = await exchange.income({ startMs: 0 });
    const newest = rows.reduce((latest, row) => Math.max(latest, row.occurredAtMs), 0);
    await this.#desk.transact(async (m) => {
      const opening = { kind: 'transfer', venueRef: 'opening-balance', symbol: null, asset: 'USDT' } as const;
      if (!walletUsdt.isZero()) {
        postEntry(
          m,
          { ...opening, amount: walletUsdt, positionId: null },
          { occurredAtMs: nowMs(), correlationId: 'opening-balance' },
        );
      }
      publishPortfolio(m, this.#trading);
      // One millisecond on: what was there before is part of the opening balance.
      if (m.riskState !== null) m.putRiskState({ ...m.riskState, incomeCursorMs: newest + 1 });
    });
  }

  async #post(m: MoneyTransaction, rows: readonly VenueIncome[], newest: number): Promise<number> {
    const named = rows.map((row) => ({ row, kind: KIND_OF[row.incomeType] ?? 'other', venueRef: refOf(row) }));
    const known = await new LedgerRepository(m.work.tx).listKnown(named.map((one) => `${one.kind}:${one.venueRef}`));
    const fresh = named.filter((one) => !known.has(`${one.kind}:${one.venueRef}`));
    let depositsUsdt = ZERO;
    for (const { row, kind, venueRef } of fresh) {
      const position = row.symbol === null ? null : m.position(row.symbol);
      postEntry(
        m,
        {
          kind,
          venueRef,
          symbol: row.symbol,
          asset: row.asset,
          amount: row.amount,
          positionId: position?.positionId ?? null,
        },
        { occurredAtMs: row.occurredAtMs, correlationId: position?.correlationId ?? venueRef },
      );
      if (kind === 'transfer' && row.asset === 'USDT') depositsUsdt = depositsUsdt.plus(row.amount);
      if (kind === 'funding' && position !== null && row.asset === 'USDT') this.#addFunding(m, position, row);
    }
    if (m.riskState !== null) {
      const shifted = depositsUsdt.isZero()
        ? m.riskState
        : { ...m.riskState, ...shiftBaseline(m.riskState, depositsUsdt) };
      m.putRiskState({ ...shifted, incomeCursorMs: newest });
    }
    // The list of trades does not say which of them the venue forced; that it charged for it does.
    const forced = fresh.find((one) => one.kind === 'liquidation_fee');
    if (forced !== undefined) {
      const message = `the venue took a liquidation fee on ${forced.row.symbol ?? 'the account'}`;
      await this.#modes.restrictWith(m, 'HALT', { code: 'LIQUIDATED', message });
    }
    if (fresh.length > 0) publishPortfolio(m, this.#trading);
    return fresh.length;
  }

  #addFunding(m: MoneyTransaction, position: PositionRecord, row: VenueIncome): void {
    const updated = { ...position, fundingUsdt: position.fundingUsdt.plus(row.amount) };
    m.putPosition(updated);
    m.publish(PositionUpdated, {
      occurredAtMs: row.occurredAtMs,
      correlationId: position.correlationId,
      causationId: null,
      key: position.symbol,
      payload: {
        positionId: position.positionId,
        decisionId: position.decisionId,
        symbol: position.symbol,
        direction: position.direction,
        quantity: toText(position.quantity),
        entryPrice: toText(position.entryPrice),
        leverage: position.leverage,
        stopPrice: position.stopPrice === null ? null : toText(position.stopPrice),
        targetPrice: position.targetPrice === null ? null : toText(position.targetPrice),
        openedAtMs: position.openedAtMs,
      },
    });
  }
}

const refOf = (row: VenueIncome): string => `tran:${row.incomeType}:${row.transactionId}`;

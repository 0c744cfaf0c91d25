import { type TradingMode, TradingModeChanged } from '@qt/contracts';
import { type Control, ControlRepository } from '@qt/database';
import type { Queryable } from '@qt/contracts';
import { messageOf } from '@qt/kernel';
import type { Trading } from '../ports.ts';
import { raiseAlert } from './alerts.ts';
import type { MoneyTransaction } from './money-transaction.ts';
import type { OrderDesk } from './order-desk.ts';

const MAX_AGE_MS = 1000;
/** How much each mode forbids. The gate itself only ever goes up. */
const SEVERITY: Record<TradingMode, number> = { ACTIVE: 0, REDUCE_ONLY: 1, HALT: 2, FLATTEN: 3 };

export interface ModeChange {
  readonly mode: TradingMode;
  readonly reason: string;
  readonly actor: string;
}

/** Why the gate makes the mode stricter. */
export interface RestrictionAlert {
  readonly code: string;
  readonly message: string;
}

/** The mode as Postgres has it, at most a second old, and the only place that changes it. */
export class ModeDesk {
  readonly #trading: Trading;
  readonly #desk: OrderDesk;
  readonly #db: Queryable;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #control: Control | null = null;

  constructor(trading: Trading, desk: OrderDesk, db: Queryable) {
    this.#trading = trading;
    this.#desk = desk;
    this.#db = db;
  }

  get control(): Control | null {
    return this.#control;
  }

  /** What may be done now: the mode, under the ceiling of TRADING_ENABLED; null when the mode could not be read. */
  get effective(): TradingMode | null {
    const mode = this.#trading.book.mode;
    if (this.#trading.settings.isTradingEnabled || mode === 'FLATTEN') return mode;
    return 'HALT';
  }

  /** Takes the lead. `bootMode` holds on the very first start; `isForced` makes it hold on every start. */
  async lead(boot: ModeChange & { readonly isForced: boolean }): Promise<void> {
    const { nowMs, book } = this.#trading;
    const control = await new ControlRepository(this.#db).lead({ ...boot, changedAtMs: nowMs() });
    this.#remember(control);
    book.leaderEpoch = control.leaderEpoch;
    if (boot.isForced && SEVERITY[control.mode] < SEVERITY[boot.mode]) await this.change(boot);
  }

  /** Reads the mode within a step and keeps it from changing until the step ends. */
  async hold(m: MoneyTransaction): Promise<TradingMode | null> {
    const control = await new ControlRepository(m.work.tx).holdForShare();
    this.#remember(control);
    return this.effective;
  }

  /** Reads the mode anew when what is known is older than a second. Unreadable means that nothing may be opened. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#readAtMs < MAX_AGE_MS) return;
    try {
      const control = await new ControlRepository(this.#db).find();
      if (control !== null) this.#remember(control);
    } catch (error) {
      this.#trading.book.mode = null;
      this.#trading.logger.error('the mode cannot be read; nothing is opened', {
        code: 'MODE_UNREADABLE',
        reason: messageOf(error),
      });
    }
  }

  /**
   * Sets the mode, as an operator wants it. Whoever resumes takes the equity of now as the height from which drawdown is measured:
   * from the old peak the limit would strike again at the next mark, and a HALT could never be lifted. The daily loss stays counted.
   */
  async change(change: ModeChange): Promise<void> {
    const { book } = this.#trading;
    await this.#desk.transact(async (m) => {
      await this.#set(m, change, () => true);
      if (change.mode !== 'ACTIVE' || m.riskState === null) return;
      m.putRiskState({ ...m.riskState, peakEquityUsdt: book.view().equityUsdt });
    });
  }

  /** The gate's own hand on the wheel: makes the mode at least as strict as `mode`, with an alert that says why. */
  async restrict(mode: TradingMode, alert: RestrictionAlert): Promise<void> {
    const { book } = this.#trading;
    if (book.mode !== null && SEVERITY[book.mode] >= SEVERITY[mode]) return;
    await this.#desk.transact((m) => this.restrictWith(m, mode, alert));
  }

  /** `restrict` within the step that books its cause: a process that ends in between would forget it. */
  async restrictWith(m: MoneyTransaction, mode: TradingMode, { code, message }: RestrictionAlert): Promise<void> {
    const { logger, metrics } = this.#trading;
    const change = { mode, reason: `${code}: ${message}`, actor: 'risk-gate' };
    // What is remembered may be a second old, and others set the mode too: the row itself says whether this is stricter.
    const isSet = await this.#set(m, change, (previous) => SEVERITY[previous] < SEVERITY[mode]);
    if (!isSet) return;
    raiseAlert(m, this.#trading, { code, message, severity: 'critical', symbol: null });
    m.onCommit(() => {
      if (mode === 'HALT') metrics.count('emergency_stops');
      logger.error(`the risk gate set the mode to ${mode}`, { code, reason: message });
    });
  }

  async #set(
    m: MoneyTransaction,
    { mode, reason, actor }: ModeChange,
    isWanted: (previous: TradingMode) => boolean,
  ): Promise<boolean> {
    const nowMs = this.#trading.nowMs();
    const controls = new ControlRepository(m.work.tx);
    const previous = await controls.holdForUpdate();
    if (previous.mode === mode || !isWanted(previous.mode)) {
      m.onCommit(() => this.#remember(previous));
      return false;
    }
    await controls.setMode({ mode, reason, actor, changedAtMs: nowMs });
    m.publish(TradingModeChanged, {
      occurredAtMs: nowMs,
      correlationId: `mode-${nowMs}`,
      causationId: null,
      key: 'account',
      payload: { previousMode: previous.mode, mode, reason, actor },
    });
    m.onCommit(() => this.#remember({ ...previous, mode, reason, actor, changedAtMs: nowMs }));
    return true;
  }

  #remember(control: Control): void {
    this.#control = control;
    this.#trading.book.mode = control.mode;
    this.#readAtMs = performance.now();
  }
}

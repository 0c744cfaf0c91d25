import type { Queryable } from '@qt/contracts';
import { LedgerRepository, OrderRepository, PositionRepository, RiskStateRepository } from '@qt/database';
import type { VenueStream } from '@qt/exchange-client';
import { AppError, type Clock, InvariantError, type MarketClock, messageOf, type SerialQueue } from '@qt/kernel';
import { decideExit } from '@qt/risk';
import { asOrder } from './order.ts';
import type { Trading } from '../ports.ts';
import { IncomeDesk } from './income-desk.ts';
import { Inquiries } from './inquiries.ts';
import { LossWatch } from './loss-watch.ts';
import type { Letter } from './mailbox.ts';
import { type ModeChange, ModeDesk } from './mode-desk.ts';
import type { OrderDesk } from './order-desk.ts';
import { PositionKeeper } from './position-keeper.ts';
import { Reconciler } from './reconciler.ts';
import { StreamDesk } from './stream-desk.ts';
import { assertAccount, assertClock } from './venue-setup.ts';

const RECONCILE_EVERY_MS = 60_000;
const RECONCILE_WALL_PAUSE_MS = 1000;
const WALL_TICK_MS = 250;
const RECOVERY_PAUSE_MS = 1000;
const IDLE_PAUSE_MS = 50;
const SEE_TO_AGAIN_AFTER_MS = 1000;

/** Moves the time that decisions use: with the event in hand in market time, with the machine otherwise. */
export class DecisionTime {
  readonly #clock: Clock;
  readonly #marketClock: MarketClock | null;
  #nowMs = 0;

  constructor(clock: Clock, marketClock: MarketClock | null) {
    this.#clock = clock;
    this.#marketClock = marketClock;
  }

  // The market clock itself runs ahead: it moves when a message is received, this when it is handled.
  readonly nowMs = (): number => (this.#marketClock === null ? this.#clock.nowMs() : this.#nowMs);

  readonly advanceTo = (timeMs: number): void => {
    if (timeMs > this.#nowMs) this.#nowMs = timeMs;
  };
}

export interface EngineDeps {
  readonly trading: Trading;
  readonly desk: OrderDesk;
  readonly db: Queryable;
  readonly queue: SerialQueue;
  readonly time: DecisionTime;
  readonly isMarketTime: boolean;
  readonly boot: ModeChange & { readonly isForced: boolean };
  readonly onFatal: (error: Error) => void;
}

/** The money loop: everything that moves money passes through one queue, one thing after another. */
export class Engine {
  readonly name = 'execution';
  readonly modes: ModeDesk;
  readonly keeper: PositionKeeper;
  readonly #deps: EngineDeps;
  readonly #income: IncomeDesk;
  readonly #stream: StreamDesk;
  readonly #reconciler: Reconciler;
  readonly #inquiries: Inquiries;
  readonly #losses: LossWatch;
  readonly #seenToAtMs = new Map<string, number>();
  #streams: VenueStream[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isDraining = false;
  #isScheduled = false;
  #clockOffsetMs = 0;
  #reconciledAtMs = Number.NEGATIVE_INFINITY;
  #reconciledAtWallMs = Number.NEGATIVE_INFINITY;
  /** Runs after a failed step until its recovery is due; letters wait. */
  #recoveryTimer: NodeJS.Timeout | null = null;
  #isRecoveryOwed = false;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    const { trading, desk, db } = deps;
    this.modes = new ModeDesk(trading, desk, db);
    this.keeper = new PositionKeeper(trading, desk, (symbol) => this.#reconciler.recheck(symbol));
    this.#income = new IncomeDesk(trading, desk, this.modes);
    this.#stream = new StreamDesk({ trading, desk, keeper: this.keeper, modes: this.modes, db });
    this.#reconciler = new Reconciler({
      trading,
      desk,
      stream: this.#stream,
      income: this.#income,
      keeper: this.keeper,
      db,
    });
    this.#inquiries = new Inquiries({ trading, desk, keeper: this.keeper, modes: this.modes });
    this.#losses = new LossWatch(trading, desk, this.modes);
  }

  readonly clockOffsetMs = (): number => this.#clockOffsetMs;

  /** Reads our record, asks the venue about everything unfinished, and compares the books. Not started until they are clean. */
  async start(): Promise<void> {
    const { trading, time, boot, isMarketTime, queue } = this.#deps;
    const { exchange } = trading;
    this.#clockOffsetMs = await exchange.syncClock();
    assertClock(this.#clockOffsetMs, trading.limits.orders.max_clock_offset_ms);
    time.advanceTo(exchange.nowMs());
    await this.modes.lead(boot);
    await this.#load();
    await assertAccount(trading);
    await this.#openStreams();
    // What was said until here the comparison sees by itself; what is said while it runs has to be handled.
    this.#skim();
    await queue.run(() => this.#recover('start'));
    if (trading.book.isReconciling) {
      throw new AppError(
        'BOOKS_DIFFER',
        "Our books differ from the venue's after everything it tells was booked; see reconciliations",
        {
          retryable: true,
        },
      );
    }
    this.#isRunning = true;
    if (!isMarketTime) this.#timer = setInterval(() => this.#schedule(), WALL_TICK_MS);
    this.#schedule();
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#deps.queue.idle();
  }

  resume(): void {
    this.#isDraining = false;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    clearInterval(this.#timer);
    clearTimeout(this.#recoveryTimer ?? undefined);
    await this.#deps.queue.idle();
    for (const stream of this.#streams.splice(0)) await stream.close();
    await this.#deps.trading.exchange.close();
  }

  /** Resolves once every letter received is handled and no order is being sent. Orders that only time can settle are not waited for. */
  async idle(): Promise<void> {
    const { queue, trading } = this.#deps;
    while (queue.size > 0 || trading.mailbox.size > 0) {
      this.#schedule();
      await queue.idle();
      // Before the next attempt after a failed step, letters have to wait.
      if (this.#recoveryTimer !== null) await new Promise((resolve) => setTimeout(resolve, IDLE_PAUSE_MS));
    }
  }

  check() {
    const { book } = this.#deps.trading;
    const health = this.#streams.map((stream) => stream.health());
    const isConnected = health.length === 2 && health.every((one) => one.isConnected);
    const facts = {
      isConnected,
      unknownOrders: book.unknownOrders.length,
      mode: this.modes.effective,
      isDraining: this.#isDraining,
    };
    if (!this.#isRunning || book.isReconciling)
      return { status: 'down' as const, detail: 'the books are being compared', ...facts };
    if (!isConnected)
      return { status: 'degraded' as const, detail: 'a stream of the venue is not connected', ...facts };
    return { status: 'up' as const, ...facts };
  }

  /** Changes the mode on an operator's word and acts on it before anything else is handled. */
  changeMode(change: ModeChange): Promise<void> {
    return this.#deps.queue.run(async () => {
      await this.modes.change(change);
      await this.#leavePositions();
    });
  }

  /** Called for every letter that arrives; one turn of the loop handles all that have come by then. */
  readonly onLetter = (): void => {
    if (this.#isRunning) this.#schedule();
  };

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#deps.queue
      .run(async () => {
        // What the venue said at the same moment on the other socket has then been read too.
        if (this.#deps.isMarketTime) await new Promise((resolve) => setImmediate(resolve));
        this.#isScheduled = false;
        await this.#turn();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  async #turn(): Promise<void> {
    const { mailbox } = this.#deps.trading;
    if (this.#recoveryTimer !== null) return;
    if (this.#isRecoveryOwed) {
      this.#isRecoveryOwed = false;
      this.#skim();
      await this.#load();
      try {
        await this.#recover('stream_opened');
      } catch (error) {
        // What cannot be compared keeps us from opening, never from leaving.
        await this.#leavePositions();
        throw error;
      }
    }
    for (let letter = mailbox.next(); letter !== null; letter = mailbox.next()) await this.#handle(letter);
    if (!this.#deps.isMarketTime) await this.#tick();
    await this.#reconcileWhenDue();
  }

  /** Takes time and marks from the letters that wait; the rest of what they say the comparison that follows finds by itself. */
  #skim(): void {
    const { mailbox } = this.#deps.trading;
    for (let letter = mailbox.next(); letter !== null; letter = mailbox.next()) this.#note(letter);
  }

  #note(letter: Letter): void {
    const { trading, time } = this.#deps;
    if ('occurredAtMs' in letter) time.advanceTo(letter.occurredAtMs);
    if (letter.kind === 'mark') {
      trading.book.marks.set(letter.symbol, { price: letter.markPrice, atMs: letter.occurredAtMs });
    }
  }

  async #handle(letter: Letter): Promise<void> {
    const { trading } = this.#deps;
    this.#note(letter);
    switch (letter.kind) {
      case 'mark':
        if (this.#deps.isMarketTime) await this.#tick();
        return;
      case 'order':
        await this.#stream.onUpdate(letter.update);
        return;
      case 'account':
        await this.#income.readOn();
        return;
      case 'setup':
        await this.#onSetupChanged(letter.symbol, letter.what);
        return;
      case 'stream_opened':
        await this.#recover('stream_opened');
        return;
      case 'step_failed':
        throw letter.error;
      case 'stream_lost':
        trading.book.isReconciling = true;
        trading.logger.warn('a stream of the venue is lost; nothing is opened until the books are compared', {
          code: 'STREAM_LOST',
          reason: letter.reason,
        });
        return;
      default:
        letter satisfies never;
    }
  }

  async #tick(): Promise<void> {
    await this.modes.refresh();
    if (this.#deps.trading.book.unknownOrders.length > 0) await this.#inquiries.run();
    await this.#inquiries.collectOwed();
    await this.#losses.look();
    await this.#leavePositions();
  }

  /** Leaves what must be left (horizon over, protection lost, flatten) and protects what is seen without a stop. */
  async #leavePositions(): Promise<void> {
    const { trading } = this.#deps;
    const { book, nowMs, limits } = trading;
    for (const position of book.positions) {
      const { symbol, direction, horizonEndsAtMs } = position;
      const unprotectedForMs = this.keeper.unprotectedForMs(symbol);
      const decision = decideExit({
        nowMs: nowMs(),
        direction,
        horizonEndsAtMs,
        mode: book.mode,
        unprotectedForMs,
        maxUnprotectedMs: limits.protection.max_unprotected_ms,
        signalDirection: null,
      });
      if (decision.kind === 'stay' && this.keeper.isProtected(position)) continue;
      // While an exit's outcome is unknown the stop protects; only without one is another exit worth its risk, reduce-only as it is.
      const isLeaving = book.ordersOf(symbol).some((order) => order.leg === 'exit' && order.state !== 'ABSENT');
      if (decision.kind === 'leave' && isLeaving && decision.exitReason !== 'protection_lost') continue;
      if (nowMs() - (this.#seenToAtMs.get(symbol) ?? Number.NEGATIVE_INFINITY) < SEE_TO_AGAIN_AFTER_MS) continue;
      this.#seenToAtMs.set(symbol, nowMs());
      if (decision.kind === 'stay') await this.keeper.attend(symbol);
      else await this.keeper.leave(symbol, { ...decision, signalId: null, causationId: null });
    }
  }

  async #onSetupChanged(symbol: string | null, what: string): Promise<void> {
    const { trading } = this.#deps;
    try {
      await assertAccount(trading);
    } catch (error) {
      const message = `${what} of ${symbol ?? 'the account'} was changed: ${messageOf(error)}`;
      await this.modes.restrict('HALT', { code: 'SETUP_CHANGED', message });
    }
  }

  async #reconcileWhenDue(): Promise<void> {
    const { trading } = this.#deps;
    if (!this.#isUserStreamOpen || trading.nowMs() - this.#reconciledAtMs < RECONCILE_EVERY_MS) return;
    // Accelerated time makes minutes pass in milliseconds; what a comparison looks for happens in real ones.
    if (performance.now() - this.#reconciledAtWallMs < RECONCILE_WALL_PAUSE_MS) return;
    this.#reconciledAtWallMs = performance.now();
    if (trading.book.isReconciling) await this.#recover('stream_opened');
    else {
      this.#reconciledAtMs = trading.nowMs();
      await this.#reconciler.run('periodic');
    }
    if (!this.#deps.isMarketTime) this.#clockOffsetMs = await trading.exchange.syncClock();
  }

  /** Settles what was interrupted and compares everything; entries stay closed until the books agree. */
  async #recover(trigger: 'start' | 'stream_opened'): Promise<void> {
    const { trading, desk } = this.#deps;
    const { book, exchange } = trading;
    book.isReconciling = true;
    await desk.markInterrupted();
    if (book.riskState === null) await this.#income.open((await exchange.account()).walletUsdt);
    if (book.unknownOrders.length > 0) await this.#inquiries.run();
    const isClean = await this.#reconciler.run(trigger);
    this.#reconciledAtMs = trading.nowMs();
    // Its reopening brings the next comparison; until then nobody would tell us of a fill.
    book.isReconciling = !isClean || !this.#isUserStreamOpen;
  }

  get #isUserStreamOpen(): boolean {
    return this.#streams[0]?.health().isConnected === true;
  }

  async #load(): Promise<void> {
    const { trading, db } = this.#deps;
    const orders = await new OrderRepository(db).listLive();
    trading.book.reset({
      positions: await new PositionRepository(db).listOpen(),
      orders: orders.map(asOrder),
      walletUsdt: (await new LedgerRepository(db).balance('USDT')).amount,
      riskState: await new RiskStateRepository(db).find(),
    });
  }

  async #openStreams(): Promise<void> {
    const { trading } = this.#deps;
    const { mailbox, exchange, settings } = trading;
    const onLost = (reason: string): void => mailbox.put({ kind: 'stream_lost', reason });
    const user = await exchange.openUserStream({
      onOrder: (update) => mailbox.put({ kind: 'order', update, occurredAtMs: update.occurredAtMs }),
      onAccount: (update) => mailbox.put({ kind: 'account', ...update }),
      onSetupChanged: (update) => mailbox.put({ kind: 'setup', ...update }),
      onOpened: () => mailbox.put({ kind: 'stream_opened' }),
      onLost,
    });
    const market = await exchange.openMarketStream({
      symbols: settings.symbols,
      interval: null,
      handlers: {
        onCandle: () => {},
        onMark: ({ symbol, markPrice, occurredAtMs }) => mailbox.put({ kind: 'mark', symbol, markPrice, occurredAtMs }),
        onOpened: () => {},
        onLost: (reason) => trading.logger.warn('the mark prices are lost', { code: 'FEED_LOST', reason }),
      },
    });
    this.#streams = [user, market];
  }

  /** A failed step may have left memory and record apart: both are read anew, the venue is asked, and only then is anything opened. */
  #fail(error: unknown): void {
    const { trading, onFatal } = this.#deps;
    if (error instanceof InvariantError) {
      onFatal(error);
      return;
    }
    trading.metrics.count('execution_errors');
    trading.book.isReconciling = true;
    this.#isRecoveryOwed = true;
    clearTimeout(this.#recoveryTimer ?? undefined);
    // Due when the timer says so: held against a clock it may be early, and in a market that stands still nothing else would wake us.
    this.#recoveryTimer = setTimeout(() => {
      this.#recoveryTimer = null;
      this.#schedule();
    }, RECOVERY_PAUSE_MS).unref();
    trading.logger.error('a step of the money path failed; the books are compared before anything is opened', {
      code: error instanceof AppError ? error.code : 'STEP_FAILED',
      reason: messageOf(error),
    });
  }
}

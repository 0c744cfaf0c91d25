import type { Queryable, RegimeClassified } from '@qt/contracts';
import { INTERVAL_MS } from '@qt/contracts';
import type { Work } from '@qt/event-bus';
import { invariant } from '@qt/kernel';
import {
  engineIdOf,
  type ModelHealth,
  type ModelRegistry,
  type Settlement,
  type SignalDecision,
  SignalEngine,
  type SignalEngineState,
} from '@qt/signals';
import type { EngineStateStore, HistoryStore, Market } from './ports.ts';

export interface MarketEnginesOptions {
  readonly registry: ModelRegistry;
  readonly horizonCandles: number;
  readonly minConfidenceRatio: number;
  readonly snapshotEveryCandles: number;
  readonly states: EngineStateStore;
  readonly history: HistoryStore;
}

/** What taking one candle led to. */
export interface Taken {
  readonly decision: SignalDecision;
  /** Outcomes that became known, of this candle and of those caught up with before it. */
  readonly settlements: readonly Settlement[];
  /** Candles of history that were taken in first, because they were never said as an event. */
  readonly caughtUpCandles: number;
  /** To be called once the transaction has committed; until then the engine in memory is not trusted. */
  readonly confirm: () => void;
}

interface MarketEngine {
  readonly engine: SignalEngine;
  /** Null until the first snapshot: inputs alone cannot bring an engine back. */
  inputsSinceSnapshot: number | null;
  /** The transaction that the engine is ahead of the record by; null when none is. */
  unconfirmedIn: Queryable | null;
}

/** The newest so much history is enough to warm features and to have learned something. */
const MAX_HISTORY_CANDLES = 3_000;

/**
 * The engines of all markets. Their truth is in Postgres: each candle is recorded in the transaction that uses it, with a snapshot
 * now and then; an engine whose transaction was not seen to commit is thrown away and built again from there.
 */
export class MarketEngines {
  readonly #options: MarketEnginesOptions;
  readonly #byMarket = new Map<string, MarketEngine>();

  constructor(options: MarketEnginesOptions) {
    this.#options = options;
  }

  /** Hands a classified candle to its market's engine, after whatever history is missing before it. */
  async take({ tx, beforeCommit }: Work, classified: RegimeClassified): Promise<Taken> {
    const { symbol, interval, openTimeMs } = classified.candle;
    const market = { symbol, interval };
    const held = await this.#engineOf(tx, market);
    held.unconfirmedIn = tx;
    const confirm = () => {
      held.unconfirmedIn = null;
    };
    const missed = await this.#missedBefore(tx, held.engine, classified);
    const settlements: Settlement[] = [];
    for (const earlier of missed) collectSettlement(settlements, held.engine.update(earlier));
    const decision = held.engine.update(classified);
    collectSettlement(settlements, decision);
    if (decision.kind === 'ignored') return { decision, settlements, caughtUpCandles: 0, confirm };

    const inputs = held.inputsSinceSnapshot === null ? null : held.inputsSinceSnapshot + 1;
    if (inputs === null || missed.length > 0 || inputs >= this.#options.snapshotEveryCandles) {
      const engineId = engineIdOf(this.#engineOptions(market));
      // A copy: the next candle of the same transaction moves the engine on before this is written.
      const state = structuredClone(held.engine.save());
      beforeCommit(() => this.#options.states.save(tx, market, { engineId, openTimeMs, state }));
      held.inputsSinceSnapshot = 0;
    } else {
      beforeCommit(() => this.#options.states.append(tx, market, { openTimeMs, payload: classified }));
      held.inputsSinceSnapshot = inputs;
    }
    return { decision, settlements, caughtUpCandles: missed.length, confirm };
  }

  /** The models of every market that has been seen since the start. */
  modelHealth(): (Market & { readonly models: readonly ModelHealth[] })[] {
    return [...this.#byMarket].map(([key, { engine }]) => ({ ...marketOf(key), models: engine.modelHealth() }));
  }

  async #engineOf(tx: Queryable, market: Market): Promise<MarketEngine> {
    const key = `${market.symbol} ${market.interval}`;
    const held = this.#byMarket.get(key);
    // Several candles may share a transaction: it sees what it has written itself.
    if (held !== undefined && (held.unconfirmedIn === null || held.unconfirmedIn === tx)) return held;
    const options = this.#engineOptions(market);
    const stored = await this.#options.states.load(tx, market, engineIdOf(options));
    const engine = new SignalEngine(options, (stored.state as SignalEngineState | null) ?? undefined);
    // Inputs without a snapshot before them belong to an engine of another id: this one catches up from history.
    const hasState = stored.state !== null;
    if (hasState) for (const input of stored.inputs) engine.update(input as RegimeClassified);
    const loaded = { engine, inputsSinceSnapshot: hasState ? stored.inputs.length : null, unconfirmedIn: null };
    this.#byMarket.set(key, loaded);
    return loaded;
  }

  async #missedBefore(
    tx: Queryable,
    engine: SignalEngine,
    { candle }: RegimeClassified,
  ): Promise<readonly RegimeClassified[]> {
    const last = engine.lastOpenTimeMs;
    if (last !== null && candle.openTimeMs <= last + INTERVAL_MS[candle.interval]) return [];
    return this.#options.history.listBetween(tx, {
      symbol: candle.symbol,
      interval: candle.interval,
      afterMs: last ?? -1,
      beforeMs: candle.openTimeMs,
      limit: MAX_HISTORY_CANDLES,
    });
  }

  #engineOptions(market: Market) {
    const { registry, horizonCandles, minConfidenceRatio } = this.#options;
    return { ...market, registry, horizonCandles, minConfidenceRatio };
  }
}

const collectSettlement = (settlements: Settlement[], decision: SignalDecision): void => {
  if (decision.kind !== 'ignored' && decision.settlement !== null) settlements.push(decision.settlement);
};

const marketOf = (key: string): Market => {
  const [symbol, interval] = key.split(' ');
  invariant(symbol !== undefined && interval !== undefined, `a market's key is "symbol interval", was "${key}"`);
  return { symbol, interval: interval as Market['interval'] };
};

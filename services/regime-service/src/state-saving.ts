import { AppError } from '@qt/kernel';
import type { ComponentLoggers } from './components/component-registry.ts';
import type { MarketTrack } from './market-track.ts';
import type { EventSink, RegimeStore } from './ports.ts';
import type { RegimeMetrics } from './regime-metrics.ts';

export interface StateSavingDeps {
  readonly bus: EventSink;
  readonly regimes: RegimeStore;
  readonly metrics: RegimeMetrics;
  readonly loggers: ComponentLoggers;
}

/**
 * Saves the states of markets between candles: putting one into words takes as long as a candle's whole way, and no candle should wait for
 * that. Whoever calls this sees to it that no engine is ahead of what is committed: a state is then that of the newest candle stored. A
 * process that dies before it is saved goes on from the one before and replays some candles more, to the same bits.
 */
export class StateSaving {
  readonly #deps: StateSavingDeps;
  readonly #wanted = new Set<MarketTrack>();

  constructor(deps: StateSavingDeps) {
    this.#deps = deps;
  }

  get hasWork(): boolean {
    return this.#wanted.size > 0;
  }

  /** Notes the market if its state is to be saved. */
  note(track: MarketTrack): void {
    if (track.wantsSnapshot) this.#wanted.add(track);
  }

  /** Saves the state of one of the markets. One that cannot be saved waits for the next candle of its market. */
  async saveOne(): Promise<void> {
    const [track] = this.#wanted;
    if (track === undefined) return;
    this.#wanted.delete(track);
    // It may have gone with a candle meanwhile.
    const snapshot = track.wantsSnapshot ? track.snapshot() : null;
    if (snapshot === null) return;
    const { bus, regimes, metrics, loggers } = this.#deps;
    try {
      await bus.transact(({ tx }) => regimes.saveSnapshots(tx, [snapshot]));
      track.snapshotSaved();
    } catch (error) {
      if (!(error instanceof AppError && error.retryable)) throw error;
      metrics.errors.inc({ code: error.code });
      loggers.integration_orchestrator.warn('state not saved', { code: error.code, symbol: track.symbol });
    }
  }
}

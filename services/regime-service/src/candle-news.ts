import { CandleClosed, RegimeChanged, RegimeClassified, SystemAlert } from '@qt/contracts';
import { ENGINE_COMPONENTS } from '@qt/regime';
import type { ComponentLoggers } from './components/component-registry.ts';
import type { ClassifiedCandle } from './domain/market-events.ts';
import type { MarketTrack } from './market-track.ts';
import type { RegimeMetrics } from './regime-metrics.ts';

export interface CandleNewsParts {
  readonly metrics: RegimeMetrics;
  readonly loggers: ComponentLoggers;
}

/** Counts and logs what a published candle brought: a change of regime, alerts, and the inside of components that are being debugged. */
export class CandleNews {
  readonly #parts: CandleNewsParts;

  constructor(parts: CandleNewsParts) {
    this.#parts = parts;
  }

  /** Called once a candle is committed and said; `tookMs` is the time since it came. */
  said(track: MarketTrack, classified: ClassifiedCandle, tookMs: number): void {
    const { metrics } = this.#parts;
    const { symbol, interval } = track;
    metrics.detections.inc({ symbol, interval });
    for (const { type } of [CandleClosed, RegimeClassified]) metrics.eventsPublished.inc({ event_type: type });
    track.engine.observeLatencyMs(tookMs);
    metrics.detectionLatency.observe(tookMs / 1_000, { interval });
    this.#sayAlerts(classified);
    this.#sayInside(track);
    if (classified.previousRegimeId !== null) this.#sayChange(classified, classified.previousRegimeId);
  }

  #sayChange({ candle, regime, detail }: ClassifiedCandle, from: number): void {
    const { metrics, loggers } = this.#parts;
    const { symbol, interval } = candle;
    metrics.eventsPublished.inc({ event_type: RegimeChanged.type });
    metrics.transitions.inc({ symbol, interval });
    const { id, name, probability } = regime;
    const reasons = detail?.decision.reasons ?? [];
    const facts = { symbol, interval, from, to: id, name, probability, reasons };
    loggers.intelligent_transition_manager.info('Regime changed', facts);
  }

  #sayAlerts({ candle, alerts }: ClassifiedCandle): void {
    const { metrics, loggers } = this.#parts;
    for (const { kind, component, message } of alerts) {
      metrics.alerts.inc({ symbol: candle.symbol, interval: candle.interval, kind });
      metrics.eventsPublished.inc({ event_type: SystemAlert.type });
      // Without a code: a market that behaves oddly is no error of the component that noticed.
      loggers[component].warn(message, { alert: kind, symbol: candle.symbol });
    }
  }

  /** One line per component that is being debugged; for the others a comparison. */
  #sayInside({ symbol, engine }: MarketTrack): void {
    for (const component of ENGINE_COMPONENTS) {
      const logger = this.#parts.loggers[component];
      if (!logger.isDebugEnabled()) continue;
      const { state, metrics } = engine.view(component);
      logger.debug('candle taken in', { symbol, openTimeMs: engine.lastOpenTimeMs, state, ...metrics });
    }
  }
}

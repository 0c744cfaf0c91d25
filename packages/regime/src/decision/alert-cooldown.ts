import type { AlertKind, EngineAlert, EngineComponent } from '../engine/classification.ts';

/** Candle number of the last alert of each kind. */
export type AlertCooldownState = Readonly<Partial<Record<AlertKind, number>>>;

/** Lets an alert of one kind through once, and then not again for a number of candles. */
export class AlertCooldown {
  readonly #component: EngineComponent;
  #lastCandle: Partial<Record<AlertKind, number>> = {};

  constructor(component: EngineComponent) {
    this.#component = component;
  }

  /** Adds the alert to `alerts` unless one of its kind came less than `cooldownCandles` ago. The message is made only when needed. */
  raise(
    alerts: EngineAlert[],
    alert: { kind: AlertKind; candle: number; cooldownCandles: number; message: () => string },
  ): void {
    const { kind, candle, cooldownCandles, message } = alert;
    const last = this.#lastCandle[kind];
    if (last !== undefined && candle - last < cooldownCandles) return;
    this.#lastCandle[kind] = candle;
    alerts.push({ kind, component: this.#component, message: message() });
  }

  save(): AlertCooldownState {
    return { ...this.#lastCandle };
  }

  restore(state: AlertCooldownState): void {
    this.#lastCandle = { ...state };
  }
}

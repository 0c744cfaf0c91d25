import type { LiquidationEvent } from '../domain/venue-types.ts';
import { Hearing, isDue, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^([a-z0-9_]+)@forceOrder$/;
const ALL = '!forceOrder@arr';
const EVERY_MS = 1_000;

/** Liquidations: of each symbol the largest within a second. */
export class LiquidationStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  readonly #wanted = new Set<string>();
  /** The largest that has not been shown, by symbol. */
  readonly #largest = new Map<string, LiquidationEvent>();
  readonly #liquidations: Hearing<'liquidation'>;
  #shownMs = 0;

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
    this.#liquidations = new Hearing(deps.venue, 'liquidation', (event) => this.#hear(event));
  }

  attend(name: string, isWanted: boolean): void {
    const pair = NAME.exec(name)?.[1];
    const isOurs = name === ALL || (pair !== undefined && symbolNamed(this.#deps.venue, pair) !== undefined);
    if (!isOurs) return;
    if (isWanted) this.#wanted.add(name);
    else this.#wanted.delete(name);
    this.#liquidations.isOn = this.#wanted.size > 0;
  }

  publishMoment(nowMs: number): void {
    if (this.#largest.size === 0 || !(this.#deps.isStepped || isDue(this.#shownMs, nowMs, EVERY_MS))) return;
    this.#shownMs = nowMs;
    for (const [symbol, event] of this.#largest) {
      const text = JSON.stringify(this.#deps.payloads.forceOrder(event));
      for (const name of [`${symbol.toLowerCase()}@forceOrder`, ALL]) {
        if (this.#wanted.has(name)) this.#deps.outlet.publish(name, text);
      }
    }
    this.#largest.clear();
  }

  #hear(event: LiquidationEvent): void {
    const { symbol, quantity } = event.order;
    const before = this.#largest.get(symbol);
    if (before === undefined || before.order.quantity < quantity) this.#largest.set(symbol, event);
  }
}

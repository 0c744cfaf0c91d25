import type { Fixed } from './fixed.ts';

/** One candle. `closeTimeMs` = `openTimeMs` + interval - 1. Units: prices USDT per base unit, volume base units. */
export interface VenueCandle {
  readonly openTimeMs: number;
  readonly open: Fixed;
  readonly high: Fixed;
  readonly low: Fixed;
  readonly close: Fixed;
  readonly volume: Fixed;
}

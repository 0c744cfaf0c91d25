import type { RegimePatternRepository, RegimeTaskRepository, RegimeWalkRepository } from '@qt/database';
import type { EngineStep } from './task-kinds.ts';

/** How a component is and its figures, as the registry of components wants it. Plain JSON. */
export interface JobView {
  readonly state: 'running' | 'warming' | 'degraded';
  readonly detail?: string;
  readonly metrics: Readonly<Record<string, number | string | null>>;
}

/** The engines, as far as tasks may touch them. */
export interface EngineRequests {
  /**
   * Notes a step that each engine takes with its next candle, of one market or of all, and returns the symbols that noted it: none when
   * the market is not of this process. Takes no time and changes nothing now.
   *
   * A market that took an engine's step must save its snapshot together with that candle: a restart replays candles, not requests.
   */
  ask(step: EngineStep | 'snapshot', symbol: string | null): readonly string[];
}

export type TaskRecord = Pick<RegimeTaskRepository, 'record'>;
/** Classified candles of any number, oldest first, page by page. */
export type HistoryWalk = Pick<RegimeWalkRepository, 'pages'>;
export type PatternStore = Pick<RegimePatternRepository, 'save' | 'listNewest'>;

import { AppError } from '@qt/kernel';
import type { HistoricalAnalyzer } from './historical-analyzer.ts';
import type { EngineRequests } from './ports.ts';
import type { RecordAudit } from './record-audit.ts';
import type { EngineStep, TaskKind } from './task-kinds.ts';
import type { TaskRequest } from './task-request.ts';

/** Does the work of a task and returns what it did, as plain JSON. May be called twice for one task. */
export type TaskHandler = (request: TaskRequest) => Promise<object>;
export type TaskHandlers = Readonly<Record<TaskKind, TaskHandler>>;

/** Engines take steps themselves, at a candle: the task ends when they have noted it. */
const askEngines =
  (engines: EngineRequests, step: EngineStep | 'snapshot'): TaskHandler =>
  ({ symbol }) => {
    const symbols = engines.ask(step, symbol);
    if (symbols.length > 0) return Promise.resolve({ takenWithTheNextCandleOf: symbols });
    const message = `this process has no engine of ${symbol ?? 'any market'} to take the step ${step}`;
    return Promise.reject(new AppError('MARKET_NOT_HERE', message, { retryable: false }));
  };

/** Returns what is done for each kind of task. */
export const taskHandlers = (parts: {
  readonly engines: EngineRequests;
  readonly analyzer: HistoricalAnalyzer;
  readonly audit: RecordAudit;
}): TaskHandlers => ({
  optimize_boundaries: askEngines(parts.engines, 'optimize_boundaries'),
  update_transition_matrix: askEngines(parts.engines, 'update_transition_matrix'),
  refit_learners: askEngines(parts.engines, 'refit_learners'),
  snapshot: askEngines(parts.engines, 'snapshot'),
  analyze_history: (request) => parts.analyzer.analyze(request),
  audit: (request) => parts.audit.run(request),
});

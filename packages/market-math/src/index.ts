export {
  AverageTrueRange,
  type AverageTrueRangeState,
  averageTrueRangeOf,
  type PriceRange,
  trueRange,
} from './average-true-range.ts';
export { Drawdown, type DrawdownState, drawdownsOf, maxDrawdownRatioOf } from './drawdown.ts';
export { EwmaVolatility, type EwmaVolatilityState, ewmaVolatilityOf } from './ewma-volatility.ts';
export { ExponentialAverage, type ExponentialAverageState, exponentialAverageOf } from './exponential-average.ts';
export { type Moments, momentsOf, RollingMoments, rollingMomentsOf } from './moments.ts';
export {
  Performance,
  type PerformanceState,
  type PerformanceStatistics,
  performanceOf,
  sharpeOf,
} from './performance.ts';
export { RelativeStrength, type RelativeStrengthState, relativeStrengthOf } from './relative-strength.ts';
export { LogReturns, logReturn, logReturnsOf } from './returns.ts';
export { RollingWindow } from './rolling-window.ts';
export { RollingTrendLine, type TrendLine, trendLineOf, trendLinesOf } from './trend-line.ts';

import { describe, expect, it } from '@jest/globals';
import { MetricsPage } from './metrics-page.ts';
import type { WeeklyFigures } from './report-figures.ts';
import { reportText } from './report-text.ts';

const PAGE = `# HELP regime_errors_total Errors
# TYPE regime_errors_total counter
regime_errors_total{code="STREAM_LOST"} 3
regime_errors_total{code="SAID \\"so\\", twice"} 1
regime_requests_total{route="/a",status="200"} 5
regime_requests_total{route="/b",status="404"} 2
regime_detection_latency_seconds_bucket{le="0.001",interval="1m"} 50
regime_detection_latency_seconds_bucket{le="0.005",interval="1m"} 98
regime_detection_latency_seconds_bucket{le="0.01",interval="1m"} 99
regime_detection_latency_seconds_bucket{le="+Inf",interval="1m"} 100
regime_uptime_seconds 7200
empty_bucket{le="+Inf"} 0
`;

const figures: WeeklyFigures = {
  fromMs: Date.UTC(2024, 0, 1),
  toMs: Date.UTC(2024, 0, 8),
  markets: [],
  tasks: [],
  process: null,
};

describe('a metrics page', () => {
  const page = new MetricsPage(PAGE);

  it('sums over labels, or by one of them', () => {
    expect(page.value('regime_requests_total')).toBe(7);
    expect(page.by('regime_requests_total', 'status')).toEqual({ 200: 5, 404: 2 });
    expect(page.by('regime_errors_total', 'code')['STREAM_LOST']).toBe(3);
    expect(page.value('nothing')).toBeNull();
  });

  it.each([
    { share: 0.5, bound: 0.001 },
    { share: 0.98, bound: 0.005 },
    { share: 0.99, bound: 0.01 },
    { share: 0.999, bound: Number.POSITIVE_INFINITY },
  ])('bounds the quantile $share of a histogram', ({ share, bound }) => {
    expect(page.quantileBound('regime_detection_latency_seconds', share)).toBe(bound);
  });

  it('bounds nothing where nothing was observed', () => {
    expect(page.quantileBound('empty', 0.5)).toBeNull();
  });
});

describe('qt regime report', () => {
  it('says what is missing', () => {
    const text = reportText(figures).join('\n');
    expect(text).toContain('no candle was classified in this time');
    expect(text).toContain('latency, errors and resources are missing');
    expect(text).toContain('Tasks: none ended');
  });

  it('tells days, shares, changes, latency, errors, and tasks that failed', () => {
    const task = {
      taskId: 'audit@all@1',
      kind: 'audit',
      reason: 'test',
      requestedAtMs: 0,
      startedAtMs: 0,
      finishedAtMs: 0,
      outcome: 'dead',
      attempts: 3,
      detail: { error: 'it broke' },
    } as const;
    const text = reportText({
      ...figures,
      markets: [
        {
          symbol: 'BTCUSDT',
          interval: '1m',
          candles: 1_000,
          days: [
            {
              day: '2024-01-01',
              candles: 1_000,
              readyRatio: 0.9,
              meanProbability: 0.8,
              meanAgreementRatio: null,
              meanStabilityRatio: 0.71,
              changes: 4,
              meanChangeWithin10Probability: 0.05,
              changedWithin10Ratio: 0.04,
            },
          ],
          shares: [{ regimeId: 9, name: 'Steady Bull Market', ratio: 1 }],
          transitions: [{ fromRegimeId: 9, toRegimeId: 0, count: 4, meanLeftDwellCandles: 12.5 }],
          undone: 1,
          patterns: [],
        },
      ],
      tasks: [task],
      process: {
        uptimeSeconds: 7_200,
        detectionP50Seconds: 0.001,
        detectionP99Seconds: Number.POSITIVE_INFINITY,
        errorsByCode: { FEW: 1, MANY: 9 },
        requests: 7,
        memoryBytes: 100 * 2 ** 20,
        cpuRatio: 0.25,
        queuedTasks: 0,
        feedback: { agreement: 0.91234567, label: 'x' },
      },
    }).join('\n');
    for (const part of [
      '2024-01-01',
      '4 changes, 4.0 per 1000 candles; 1 (25.0 %) went back within 10 candles',
      'Calm Bear Market',
      '12.5 candles',
      'since it began 2.0 hours ago',
      'p50 at most 1 ms, p99 more than 1 s',
      'errors: MANY 9, FEW 1',
      'memory 100 MB, processors 25.0 % busy, 0 tasks wait',
      'published regime agrees: 91.2 %',
      'failed for good: audit@all@1: it broke',
      'history has not been analyzed yet',
    ])
      expect(text).toContain(part);
    expect(text).not.toMatch(/undefined|NaN/);
  });
});

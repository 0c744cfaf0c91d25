import { describe, expect, it } from '@jest/globals';
import { aMarketReport } from '../../test/a-market-report.ts';
import { nestingFault, reachesOut } from '../../test/well-formed.ts';
import type { EvaluationReport, SeedFigure } from '../report.ts';
import { type ClassificationFacts, classificationPage } from './classification-page.ts';
import { confusionPlot } from './confusion-plot.ts';
import { delayPlot } from './delay-plot.ts';
import { evaluationPage } from './evaluation-page.ts';
import { element, escaped } from './markup.ts';
import { REGIME_IDS, regimeColor, regimeLabel } from './regime-colors.ts';
import { reliabilityPlot } from './reliability-plot.ts';
import { logTicks, niceTicks, shortNumber } from './scale.ts';
import { timelinePlot } from './timeline-plot.ts';
import { TimelineSketch } from './timeline-sketch.ts';

const NASTY = `"><script>alert('1')</script>&\u0007`;
const figureOf = (mean: number): SeedFigure => ({
  mean,
  worst: mean - 0.1,
  worstSeed: 3,
  interval: [mean - 0.2, mean],
});
const diagonal = REGIME_IDS.map((row) =>
  REGIME_IDS.map((column) => (row === column ? 75 : column === row + 1 ? 25 : 0)),
);

const aReport = (): EvaluationReport => ({
  version: 1,
  seeds: [1, 2],
  candles: 4_000,
  skippedCandles: 1_000,
  scenarios: [
    {
      name: `easy ${NASTY}`,
      scenario: { generator: 'gaussian', difficulty: 'easy', durationCandles: 300 },
      ceilingKind: 'exact',
      rows: [
        {
          classifier: 'engine',
          hasHistory: true,
          figures: { accuracyRatio: figureOf(0.876) },
          confusion: diagonal,
          reliability: [
            { candles: 100, meanProbability: 0.3, hitRatio: 0.25 },
            { candles: 900, meanProbability: 0.9, hitRatio: 0.92 },
          ],
          pooledEceRatio: 0.0123,
          delays: { binCandles: 5, counts: [4, 2, 1, 3] },
        },
      ],
      timelines: [
        {
          seed: 1,
          firstCandle: 1_000,
          closes: [100, 101, 99, 102],
          trueIds: [2, 2, 9, 9],
          publishedIds: [2, 2, 2, 9],
          classifier: 'engine',
          hasHistory: true,
        },
      ],
    },
  ],
  gates: [
    {
      gate: 'accuracy',
      scenario: 'easy',
      classifier: 'engine',
      hasHistory: true,
      aim: '>= 0.85',
      note: '',
      mean: 0.876,
      worst: 0.776,
      worstSeed: 3,
      passed: true,
      missedBy: 0,
    },
    {
      gate: 'T3',
      scenario: 'easy',
      classifier: 'engine',
      hasHistory: true,
      aim: '>= 0.75',
      note: NASTY,
      mean: 0.7,
      worst: 0.6,
      worstSeed: 3,
      passed: false,
      missedBy: 0.05,
    },
  ],
  ablation: {
    historyCandles: 6_000,
    rows: [
      {
        part: 'jump',
        kind: 'method',
        scenario: 'easy',
        hasHistory: true,
        period: 'young',
        accuracyGain: { ...figureOf(0.01), chanceRatio: 0.001 },
        logLossGain: { ...figureOf(-0.02), chanceRatio: 0.3 },
      },
    ],
    verdicts: [
      { part: 'jump', kind: 'method', outcome: 'earned', helps: [], harms: [], text: `earns its place on ${NASTY}.` },
    ],
  },
});

const someFacts = (symbol: string): ClassificationFacts => {
  const sketch = new TimelineSketch(50);
  for (let index = 0; index < 333; index += 1)
    sketch.add(index * 60_000, 100 + Math.sin(index / 20), index < 200 ? 8 : 16);
  return {
    symbol,
    interval: '1m',
    candles: 333,
    changes: 1,
    gaps: 2,
    candlesByRegime: REGIME_IDS.map((id) => (id === 8 ? 200 : id === 16 ? 133 : 0)),
    refusals: [{ code: 'NOT_FINITE', count: 2, firstLines: [7, 9] }],
    buckets: sketch.buckets(),
  };
};

describe('escaped', () => {
  it('leaves no character that could end a text or an attribute', () => {
    expect(escaped(NASTY)).toBe('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;');
    expect(element('p', { title: NASTY }, NASTY).toString()).not.toMatch(/<script|'1'/);
  });
});

describe('pages', () => {
  const real = aMarketReport();
  it.each([
    { name: 'a classification', html: classificationPage(someFacts(NASTY)) },
    { name: 'an evaluation', html: evaluationPage(aReport(), null) },
    {
      name: 'real candles',
      html: evaluationPage(null, {
        version: 1,
        markets: [{ ...real, name: NASTY, doubts: [NASTY] }],
        unjudged: [{ file: NASTY, reason: NASTY }],
      }),
    },
  ])('of $name are whole, stand alone, and say foreign text instead of running it', ({ html }) => {
    expect(nestingFault(html)).toBeNull();
    expect(reachesOut(html.replaceAll(' xmlns="http://www.w3.org/2000/svg"', ''))).toEqual([]);
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('NaN');
    expect(html).not.toContain('undefined');
  });

  it('show of a classification the shares, the changes and what was refused', () => {
    const html = classificationPage(someFacts('BTCUSDT'));
    for (const said of [
      'BTCUSDT 1m: regimes',
      '8 Balanced market 60.1 %',
      '16 Melt-up 39.9 %',
      '1 changes of regime',
      'NOT_FINITE',
      '7, 9',
    ]) {
      expect(html).toContain(said);
    }
  });

  it('show of an evaluation what was met, what was missed and by how much', () => {
    const html = evaluationPage(aReport(), null);
    for (const said of [
      'Gates: 1 of 2 met',
      'missed by 0.05',
      '87.6 (77.6)',
      'calibration error 0.012',
      'What each part is worth',
      'earns its place on',
      '6000 unlabeled candles',
    ]) {
      expect(html).toContain(said);
    }
  });

  it('name no worst seed where there is none', () => {
    const gates = aReport().gates.map((gate) => ({ ...gate, mean: 2, worst: 2, worstSeed: null }));
    const html = evaluationPage({ ...aReport(), gates }, null);
    expect(html).toContain('<td>2</td><td>–</td>');
    expect(html).not.toContain('null');
  });

  it('show of real candles the ceiling, the lead, the skill and the forecasts', () => {
    const html = evaluationPage(null, { version: 1, markets: [real], unjudged: [] });
    for (const said of ['label ceiling', 'lead, points', 'GARCH(1,1)', 'HAR of log range', 'threshold rule', 'VR(4)']) {
      expect(html).toContain(said);
    }
  });
});

describe('drawings', () => {
  it('hold a cell for each pair of regimes and its share of the row', () => {
    const svg = confusionPlot(diagonal, 'confusion').toString();
    expect(svg.match(/true \d+ /g)).toHaveLength(324);
    expect(svg).toContain('true 3 Quiet drift up, called 4 Calm Bull Market: 25 candles, 25.0 %');
    expect(svg).toContain('true 17 Volatile Range, called 17 Volatile Range: 75 candles, 100.0 %');
  });

  it('put a kept promise on the diagonal and leave out empty bins', () => {
    const bins = [
      { candles: 10, meanProbability: 0.5, hitRatio: 0.5 },
      { candles: 0, meanProbability: 0, hitRatio: 0 },
    ];
    const svg = reliabilityPlot(bins, 'reliability').toString();
    expect(svg.match(/<circle/g)).toHaveLength(1);
    expect(svg).toContain('promised 50.0 %, came 50.0 %, 10 candles');
  });

  it('give the last delay its own color and words', () => {
    const svg = delayPlot({ binCandles: 5, counts: [4, 2, 1, 3] }, 'delay').toString();
    expect(svg.match(/class="bar"/g)).toHaveLength(3);
    expect(svg).toContain('15 candles or more, or never: 3 changes, 30.0 %');
  });

  it('color a timeline by runs, not by candles, and survive a price that stands still', () => {
    const buckets = Array.from({ length: 40 }, (_, index) => ({
      openTimeMs: index,
      lowClose: 5,
      highClose: 5,
      lastClose: 5,
      regimeId: index < 30 ? 2 : 17,
    }));
    const regimeIds = buckets.map(({ regimeId }) => regimeId);
    const strips = [{ name: 'true', regimeIds }];
    const svg = timelinePlot({ title: 'still', buckets, regimeIds, strips, placeText: () => 'x' }).toString();
    expect(svg.match(/<rect/g)).toHaveLength(4);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('tell all eighteen regimes apart', () => {
    expect(new Set(REGIME_IDS.map(regimeColor)).size).toBe(18);
    expect(new Set(REGIME_IDS.map(regimeLabel)).size).toBe(18);
  });
});

describe('TimelineSketch', () => {
  it.each([1, 49, 50, 51, 100, 101, 12_345])('keeps all of %i candles in at most 50 stretches', (count) => {
    const sketch = new TimelineSketch(50);
    for (let index = 0; index < count; index += 1) sketch.add(index, index, index < count / 2 ? 3 : 12);
    const buckets = sketch.buckets();
    expect(sketch.candles).toBe(count);
    expect(buckets.length).toBeLessThanOrEqual(50);
    expect(buckets.length).toBeGreaterThanOrEqual(Math.min(count, 25));
    expect(buckets[0]).toMatchObject({ openTimeMs: 0, lowClose: 0, regimeId: 3 });
    expect(buckets.at(-1)?.lastClose).toBe(count - 1);
    expect(buckets.at(-1)?.regimeId).toBe(count === 1 ? 3 : 12);
    const starts = buckets.map(({ openTimeMs }) => openTimeMs);
    expect(starts).toEqual(starts.toSorted((left, right) => left - right));
  });
});

describe('scales', () => {
  it('choose numbers that people read easily', () => {
    expect(niceTicks(0, 1, 4)).toEqual([0, 0.5, 1]);
    expect(niceTicks(97, 131, 5)).toEqual([100, 110, 120, 130]);
    expect(logTicks(3, 250, 6)).toEqual([5, 10, 20, 50, 100, 200]);
    expect([0.000123, 12.5, 43_210, 3e9].map(shortNumber)).toEqual(['0.000123', '12.5', '43.21k', '3e9']);
  });
});

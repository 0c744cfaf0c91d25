import type { ReliabilityBin } from '../report.ts';
import { drawing, element, label, type Markup } from './markup.ts';
import { shareText } from './scale.ts';

const SIDE = 300;
const LEFT = 52;
const TOP = 14;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;

const xOf = (share: number): number => LEFT + share * SIDE;
const yOf = (share: number): number => TOP + (1 - share) * SIDE;

/** Draws how often what was promised came true: on the diagonal, the promises are kept. */
export const reliabilityPlot = (bins: readonly ReliabilityBin[], title: string): Markup => {
  const seen = bins.filter(({ candles }) => candles > 0);
  const most = Math.max(1, ...seen.map(({ candles }) => candles));
  const path = seen.map((bin) => `${xOf(bin.meanProbability).toFixed(1)},${yOf(bin.hitRatio).toFixed(1)}`).join(' ');
  return drawing(
    { width: LEFT + SIDE + 24, height: TOP + SIDE + 44, title },
    TICKS.map((tick) => [
      element('line', { x1: xOf(0), x2: xOf(1), y1: yOf(tick), y2: yOf(tick), class: 'grid' }),
      element('line', { x1: xOf(tick), x2: xOf(tick), y1: yOf(0), y2: yOf(1), class: 'grid' }),
      label(shareText(tick, 0), { x: LEFT - 6, y: yOf(tick) + 4, anchor: 'end' }),
      label(shareText(tick, 0), { x: xOf(tick), y: yOf(0) + 16, anchor: 'middle' }),
    ]),
    element('line', { x1: xOf(0), y1: yOf(0), x2: xOf(1), y2: yOf(1), class: 'diagonal' }),
    element('polyline', { points: path, class: 'curve' }),
    seen.map((bin) =>
      element(
        'circle',
        {
          cx: xOf(bin.meanProbability),
          cy: yOf(bin.hitRatio),
          r: 2.5 + 3 * Math.sqrt(bin.candles / most),
          class: 'dot',
        },
        element(
          'title',
          {},
          `promised ${shareText(bin.meanProbability)}, came ${shareText(bin.hitRatio)}, ${bin.candles} candles`,
        ),
      ),
    ),
    label('promised probability', { x: xOf(0.5), y: TOP + SIDE + 38, anchor: 'middle', class: 'axis' }),
    label('share that came true', { x: LEFT + 6, y: TOP + 12, class: 'axis' }),
  );
};

import { drawing, element, label, type Markup } from './markup.ts';
import { REGIME_IDS, regimeColor, regimeLabel } from './regime-colors.ts';
import { shareText } from './scale.ts';

const CELL = 26;
const LEFT = 168;
const TOP = 40;
const SIDE = CELL * REGIME_IDS.length;

const shade = (share: number): string => {
  // The root lifts small shares out of the white: what is confused with what is the point of the picture.
  const depth = Math.sqrt(share);
  const part = (full: number): number => Math.round(255 + depth * (full - 255));
  return `rgb(${part(8)},${part(69)},${part(148)})`;
};

interface Cell {
  readonly row: number;
  readonly column: number;
  readonly count: number;
  /** Candles of the row. */
  readonly total: number;
}

const cell = ({ row, column, count, total }: Cell): Markup[] => {
  const share = total > 0 ? count / total : 0;
  const x = LEFT + column * CELL;
  const y = TOP + row * CELL;
  const said = `true ${row} ${regimeLabel(row)}, called ${column} ${regimeLabel(column)}: ${count} candles, ${shareText(share)}`;
  const square = element(
    'rect',
    { x, y, width: CELL - 1, height: CELL - 1, fill: count === 0 ? '#f6f7f9' : shade(share) },
    element('title', {}, said),
  );
  if (share < 0.005) return [square];
  const tone = share > 0.3 ? 'cell-light' : 'cell-dark';
  return [
    square,
    label((100 * share).toFixed(0), { x: x + CELL / 2, y: y + CELL / 2 + 4, anchor: 'middle', class: tone }),
  ];
};

const nameOfRow = (id: number): Markup[] => {
  const y = TOP + id * CELL;
  return [
    label(`${regimeLabel(id)}  ${id}`, { x: LEFT - 16, y: y + CELL / 2 + 4, anchor: 'end' }),
    element('rect', { x: LEFT - 11, y: y + 3, width: 7, height: CELL - 7, fill: regimeColor(id) }),
    label(String(id), { x: LEFT + id * CELL + CELL / 2, y: TOP - 8, anchor: 'middle' }),
  ];
};

/** Draws what each true regime was called, as shares of its row. Shape: `confusion[18][18]`, rows true, columns called. */
export const confusionPlot = (confusion: readonly (readonly number[])[], title: string): Markup =>
  drawing(
    { width: LEFT + SIDE + 12, height: TOP + SIDE + 12, title },
    label('called', { x: LEFT + SIDE / 2, y: 14, anchor: 'middle', class: 'axis' }),
    label('true', { x: 4, y: 14, class: 'axis' }),
    REGIME_IDS.map((row) => {
      const counts = confusion[row] ?? [];
      const total = counts.reduce((sum, count) => sum + count, 0);
      return [
        ...nameOfRow(row),
        ...REGIME_IDS.flatMap((column) => cell({ row, column, count: counts[column] ?? 0, total })),
      ];
    }),
  );

import { type Content, element, escaped, type Markup } from './markup.ts';
import { REGIME_IDS, regimeColor, regimeLabel } from './regime-colors.ts';
import { shareText } from './scale.ts';

const STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#f4f5f7;color:#1d2530;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1320px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px}h2{font-size:19px;margin:0 0 8px}h3{font-size:15px;margin:14px 0 6px}
p{margin:4px 0 10px;max-width:85ch}.quiet{color:#5a6675}
section,details{background:#fff;border:1px solid #dfe3e8;border-radius:10px;padding:18px 20px;margin:16px 0}
summary{cursor:pointer;font-weight:600;font-size:17px}
.pair{display:flex;flex-wrap:wrap;gap:22px;align-items:flex-start}.pair>figure{flex:1 1 330px}
figure{margin:8px 0 4px}figcaption{font-weight:600;margin-bottom:4px}
svg{display:block;width:100%;height:auto}
.scroll{overflow-x:auto;background:linear-gradient(90deg,#fff 40%,#fff0) 0 0/60px 100% no-repeat local,linear-gradient(270deg,#fff 40%,#fff0) 100% 0/60px 100% no-repeat local,linear-gradient(90deg,#5a667566,#5a667500) 0 0/14px 100% no-repeat,linear-gradient(270deg,#5a667566,#5a667500) 100% 0/14px 100% no-repeat}
.scroll+.scroll{margin-top:14px}table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid #e7eaee;text-align:right;white-space:nowrap}
th{font-weight:600;color:#48525f;border-bottom-color:#c9d0d8}th:first-child,td:first-child,td.text,th.text{text-align:left}
td.wide{white-space:normal;min-width:36ch;text-align:left}
.met{color:#0b5f3a;font-weight:600}.missed{color:#a33a00;font-weight:600}
.warning{background:#fff4e5;border:1px solid #f0c48a;border-radius:8px;padding:8px 12px;margin:8px 0}
.tick{font-size:12px;fill:#48525f}.axis{font-size:12px;fill:#1d2530;font-weight:600}
.cell-dark,.cell-light{font-size:10.5px}.cell-dark{fill:#1d2530}.cell-light{fill:#fff}
.grid{stroke:#e3e7ec}.grid-over{stroke:#fff;stroke-opacity:.7}.diagonal{stroke:#9aa5b1;stroke-dasharray:5 4}
.curve{fill:none;stroke:#084594;stroke-width:2}.dot{fill:#084594}.bar{fill:#4292c6}.bar-last{fill:#c66a2b}
.band,.strip,.swatch{opacity:.72}.price{fill:none;stroke:#10151c;stroke-width:1.3}.reach{fill:none;stroke:#10151c;stroke-opacity:.45}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;margin:8px 0}
@media (max-width:700px){main{padding:16px 8px 40px}section,details{padding:12px 10px}th,td{padding:4px 6px}td.wide{min-width:24ch}figure{overflow-x:auto}svg.broad{width:900px}}
.legend span{display:inline-flex;align-items:center;gap:6px}.swatch{width:14px;height:14px;border-radius:3px;display:inline-block}
`;

/** Returns a whole page in one file: no script, no font, no picture from elsewhere. */
export const page = (title: string, ...content: readonly Content[]): string => {
  const body = element('main', {}, element('h1', {}, title), content);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body>${body}</body></html>
`;
};

/** A picture with the words above it. */
export const figure = (caption: string, content: Content): Markup =>
  element('figure', {}, element('figcaption', {}, caption), content);

/** One cell: text to the left, numbers to the right. */
export interface Cell {
  readonly text: string;
  readonly class?: 'text' | 'wide' | 'met' | 'missed';
}

const isText = (cell: Cell | string | undefined): boolean =>
  typeof cell === 'object' && (cell.class === 'text' || cell.class === 'wide');

/** Returns a table that scrolls sideways where the page is too narrow for it. */
export const table = (heads: readonly string[], rows: readonly (readonly (Cell | string)[])[]): Markup =>
  element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          heads.map((head, column) =>
            element('th', { scope: 'col', class: isText(rows[0]?.[column]) ? 'text' : null }, head),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((row) =>
          element(
            'tr',
            {},
            row.map((cell) =>
              typeof cell === 'string'
                ? element('td', {}, cell)
                : element('td', { class: cell.class ?? null }, cell.text),
            ),
          ),
        ),
      ),
    ),
  );

/** Returns which color is which regime, with its share where that is known; those that never were are left out. */
export const legend = (shares: readonly number[]): Markup =>
  element(
    'div',
    { class: 'legend' },
    REGIME_IDS.filter((id) => (shares[id] ?? 0) > 0).map((id) =>
      element(
        'span',
        {},
        element('i', { class: 'swatch', style: `background:${regimeColor(id)}` }),
        `${id} ${regimeLabel(id)} ${shareText(shares[id] ?? 0)}`,
      ),
    ),
  );

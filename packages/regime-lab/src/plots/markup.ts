const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const isPrintable = (character: string): boolean => character >= ' ' || character === '\n' || character === '\t';

/** Returns text that says itself in HTML and SVG, whatever is in it; control characters are left out. */
export const escaped = (text: string): string =>
  Array.from(text)
    .filter(isPrintable)
    .map((character) => ENTITIES[character] ?? character)
    .join('');

/** A piece of a page. Whatever is not one is text, and is escaped when it is put into one. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | null | readonly Content[];

const textOf = (content: Content): string => {
  if (content === null) return '';
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'string' || typeof content === 'number') return escaped(String(content));
  return content.map(textOf).join('');
};

/** Returns an element. Text in it and in its attributes is escaped; attributes that are null are left out. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, string | number | null>>,
  ...content: readonly Content[]
): Markup => {
  const written = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== null)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? String(Number(value.toFixed(2))) : value)}"`)
    .join('');
  return new Markup(`<${name}${written}>${content.map(textOf).join('')}</${name}>`);
};

/** Drawings wider than this are not made smaller than one can read: a narrow page scrolls them. */
const BROAD = 900;

/** Returns a drawing that scales with the page and says to those who cannot see it what it shows. */
export const drawing = (
  { width, height, title }: { readonly width: number; readonly height: number; readonly title: string },
  ...content: readonly Content[]
): Markup =>
  element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      class: width > BROAD ? 'broad' : null,
      role: 'img',
      'aria-label': title,
      style: `max-width:${Math.round(1.1 * width)}px`,
    },
    element('title', {}, title),
    content,
  );

/** Returns a line of text in a drawing. */
export const label = (
  text: string,
  at: { readonly x: number; readonly y: number; readonly anchor?: 'start' | 'middle' | 'end'; readonly class?: string },
): Markup =>
  element('text', { x: at.x, y: at.y, 'text-anchor': at.anchor ?? 'start', class: at.class ?? 'tick' }, text);

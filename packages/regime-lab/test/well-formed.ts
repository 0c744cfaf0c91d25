const VOID = new Set(['meta']);

/** Returns what is wrong with the nesting of a page's elements; null when every one that opens is closed in its place. */
export const nestingFault = (html: string): string | null => {
  const open: string[] = [];
  const body = html.replace(/<!doctype html>/i, '').replace(/<style>[\s\S]*?<\/style>/, '');
  for (const [, closing, name = ''] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*>/gi)) {
    if (VOID.has(name)) continue;
    if (closing === '') open.push(name);
    else if (open.pop() !== name) return `</${name}> closes what was not open`;
  }
  const bare = body.replace(/<\/?[a-z][a-z0-9]*(\s+[a-z][a-z0-9:-]*="[^"<>]*")*>/gi, '');
  if (/[<>]/.test(bare)) return `a bare bracket in "${bare.slice(0, 80)}"`;
  return open.length === 0 ? null : `<${open.join('> <')}> left open`;
};

/** Returns what a page would fetch or run; empty for one that stands alone. */
export const reachesOut = (html: string): string[] =>
  [...html.matchAll(/<script|<link|<iframe|<img|\son[a-z]+=|(?:src|href)="|url\(|@import|javascript:/gi)].map(
    ([found]) => found,
  );

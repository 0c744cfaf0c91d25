/** Returns an element; children are elements or text, never markup. */
export const node = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
};

/** Fills a table body with rows of cells, or with one that says there are none. */
export const rows = (body, cells, none) => {
  const columns = body.closest('table').querySelectorAll('th').length || 1;
  const filled = cells.map((row) => node('tr', {}, ...row.map((cell) => node('td', {}, cell))));
  body.replaceChildren(
    ...(filled.length > 0 ? filled : [node('tr', {}, node('td', { colspan: columns, class: 'none' }, none))]),
  );
};

/** Calls `run` on an event; what it waits for, nobody else does. */
export const on = (target, kind, run) => target.addEventListener(kind, (event) => void run(event));

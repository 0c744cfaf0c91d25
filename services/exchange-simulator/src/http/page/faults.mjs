// The switches: rules that make requests, events and sockets go wrong, and things that happen by themselves.
import { node, on, rows } from './elements.mjs';

const FAULTS_EVERY_MS = 2_000;
const byId = (id) => document.getElementById(id);

/** Fields of an action to begin with, where it needs any; the symbol is put in. */
const ACTIONS = {
  set_leverage: { symbol: '', leverage: 10 },
  set_margin_type: { symbol: '', marginType: 'ISOLATED' },
  set_position_mode: { hedgeMode: true },
  place_order: { symbol: '', side: 'BUY', quantity: '0.01' },
  close_position: { symbol: '' },
  cancel_all_orders: { symbol: '' },
  deposit: { amount: '1000' },
  withdraw: { amount: '100' },
  halt_symbol: { symbol: '' },
  resume_symbol: { symbol: '' },
  settle_symbol: { symbol: '' },
  liquidate: { symbol: '' },
  deleverage: { symbol: '' },
  disconnect_sockets: { carrying: 'anything' },
  maintenance: { forMs: 60_000 },
  clock_jump: { byMs: 5_000 },
};

const messageIn = (text) => {
  try {
    const { error, code, msg } = JSON.parse(text);
    return error?.message ?? (msg === undefined ? text : `${code}: ${msg}`);
  } catch {
    return text;
  }
};

const say = (id, response, text) => {
  byId(id).textContent = response.ok ? 'done' : `refused: ${messageIn(text)}`;
};

const offButton = (id) => {
  const button = node('button', { type: 'button', 'aria-label': `Switch ${id} off` }, 'off');
  on(button, 'click', async () => {
    await fetch(`/control/faults/${encodeURIComponent(id)}`, { method: 'DELETE' });
    await list();
  });
  return button;
};

/** Rules as last shown: a button must not be replaced under the hand that presses it. */
let shown = '';

const list = async () => {
  const response = await fetch('/control/faults', { cache: 'no-store' });
  const { rules } = await response.json();
  const text = JSON.stringify(rules);
  if (text === shown) return;
  shown = text;
  rows(
    byId('rules'),
    rules.map(({ id, kind, seen, struck, times, ...rest }) => {
      const others = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
      return [
        id,
        kind,
        others
          .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
          .join(', '),
        `${struck} of ${times ?? 'any'}, seen ${seen}`,
        offButton(id),
      ];
    }),
    'no fault is switched on',
  );
};

const ruleOf = (form) => {
  const rule = { kind: form.elements.kind.value };
  for (const name of ['path', 'accountId'])
    if (form.elements[name].value.trim() !== '') rule[name] = form.elements[name].value.trim();
  for (const name of ['times', 'probability', 'delayMs']) {
    if (form.elements[name].value !== '') rule[name] = Number(form.elements[name].value);
  }
  return rule;
};

/** Wires both forms up and keeps the list of rules fresh. */
export const showFaults = async (post) => {
  const faultForm = byId('fault-form');
  on(faultForm, 'submit', async (event) => {
    event.preventDefault();
    const response = await post('/control/faults', ruleOf(faultForm));
    say('fault-answer', response, await response.text());
    await list();
  });
  on(byId('clear-faults'), 'click', async () => {
    const response = await fetch('/control/faults', { method: 'DELETE' });
    say('fault-answer', response, await response.text());
    await list();
  });
  const actionForm = byId('action-form');
  const { kind, fields } = actionForm.elements;
  const begin = () => {
    const start = { ...ACTIONS[kind.value] };
    if ('symbol' in start) start.symbol = byId('symbols').value || 'BTCUSDT';
    fields.value = JSON.stringify(start);
  };
  kind.addEventListener('change', begin);
  begin();
  on(actionForm, 'submit', async (event) => {
    event.preventDefault();
    let given;
    try {
      given = JSON.parse(fields.value || '{}');
    } catch (error) {
      byId('action-answer').textContent = `the fields are no JSON: ${error.message}`;
      return;
    }
    const response = await post('/control/actions', { kind: kind.value, ...given });
    say('action-answer', response, await response.text());
  });
  const keepListing = async () => {
    if (!document.hidden) await list().catch(() => undefined); // the page says itself that the venue is away
    setTimeout(keepListing, FAULTS_EVERY_MS);
  };
  await keepListing();
};

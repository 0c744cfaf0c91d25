import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { RawClient } from './raw-client.ts';
import { API_KEY, MARKET_START_MS, SimulatorProcess } from './simulator-process.ts';
import { eventually } from './socket-listener.ts';

const SCENARIOS = join(import.meta.dirname, '../../scenarios');
const ORDER = '/fapi/v1/order';
const SYMBOL = { symbol: 'BTCUSDT' };
/** Those that take more than seven minutes of market time. */
const LONG: ReadonlySet<string> = new Set(['bad-afternoon.yaml']);
const directory = mkdtempSync(join(tmpdir(), 'qt-scenario-'));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const fileOf = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

interface Played {
  readonly ledger: string;
  readonly seen: readonly string[];
  readonly rules: unknown;
  readonly steps: readonly { readonly outcome: string }[];
}

/** A fixed session of a client that trades and asks at each step, whatever it is answered. */
const play = async (
  env: Readonly<Record<string, string>>,
  { steps, stepMs }: { steps: number; stepMs: number },
): Promise<Played> => {
  const simulator = await SimulatorProcess.start(env);
  try {
    const client = new RawClient(simulator);
    const seen: string[] = [];
    const tell = async (reply: ReturnType<RawClient['send']>): Promise<void> => {
      const { status, end, body } = await reply;
      seen.push(`${status} ${end} ${body}`);
    };
    for (let step = 1; step <= steps; step += 1) {
      const timestamp = MARKET_START_MS + step * stepMs;
      await simulator.control('POST', 'advance', { untilMs: timestamp });
      await client.send('POST', '/fapi/v1/listenKey', { 'X-MBX-APIKEY': API_KEY });
      const side = step % 2 === 0 ? 'SELL' : 'BUY';
      const id = { newClientOrderId: `order-${step}` };
      await tell(
        client.signed('POST', ORDER, { ...SYMBOL, side, type: 'MARKET', quantity: '0.010', ...id, timestamp }),
      );
      await tell(client.signed('GET', ORDER, { ...SYMBOL, origClientOrderId: `order-${step}`, timestamp }));
      await tell(client.signed('GET', '/fapi/v2/positionRisk', { ...SYMBOL, timestamp }));
    }
    const { rules } = await simulator.control('GET', 'faults');
    const { scenario } = await simulator.control<{ scenario: Played }>('GET', 'scenario');
    await simulator.control('POST', 'end', {});
    const ledger = simulator.ledger().map((record) => JSON.stringify(record));
    return { ledger: ledger.join('\n'), seen, rules, steps: scenario?.steps ?? [] };
  } finally {
    await simulator.stop();
  }
};

describe('scenario files', () => {
  it.each(readdirSync(SCENARIOS))(
    '%s plays to its end, and twice the same',
    async (name) => {
      const env = { SIM_SCENARIO_FILE: join(SCENARIOS, name), SIM_SEED: '7' };
      const span = LONG.has(name) ? { steps: 31, stepMs: 60_000 } : { steps: 42, stepMs: 10_000 };
      const [first, second] = [await play(env, span), await play(env, span)];
      expect(first.steps.length).toBeGreaterThan(0);
      expect(first.steps.filter(({ outcome }) => outcome === 'waiting')).toEqual([]);
      expect(first.ledger).toContain('"kind":"fault"');
      expect(second.ledger).toBe(first.ledger);
      expect(second.seen).toEqual(first.seen);
      expect(second.rules).toEqual(first.rules);
    },
    120_000,
  );

  it('another seed strikes others', async () => {
    const scenario = fileOf(
      'lots.yaml',
      'steps:\n  - fault: { kind: error_502, method: POST, path: /fapi/v1/order, probability: 0.5 }\n',
    );
    const strikes = async (seed: string): Promise<readonly boolean[]> =>
      (await play({ SIM_SCENARIO_FILE: scenario, SIM_SEED: seed }, { steps: 10, stepMs: 1_000 })).seen.map((text) =>
        text.startsWith('502'),
      );
    expect(await strikes('1')).not.toEqual(await strikes('2'));
  }, 60_000);

  it('steps happen at their own time, also in the middle of one long step of the market', async () => {
    const at = new Date(MARKET_START_MS + 90_000).toISOString();
    const scenario = fileOf(
      'times.json',
      JSON.stringify({
        steps: [
          { at: '+3m', action: { kind: 'set_leverage', ...SYMBOL, leverage: 3 } },
          { at, action: { kind: 'set_leverage', ...SYMBOL, leverage: 9 } },
          { at: MARKET_START_MS, action: { kind: 'deposit', amount: '5' } },
          { action: { kind: 'set_margin_type', ...SYMBOL, marginType: 'CROSSED' } },
        ],
      }),
    );
    const simulator = await SimulatorProcess.start({ SIM_SCENARIO_FILE: scenario });
    await simulator.control('POST', 'advance', { untilMs: MARKET_START_MS + 600_000 });
    const actions = simulator.ledger().filter(({ kind }) => kind === 'action');
    const state = await simulator.control('GET', 'scenario');
    await simulator.stop();
    expect(actions.map(({ timeMs, action, by }) => [Number(timeMs) - MARKET_START_MS, action, by])).toEqual([
      [0, 'deposit', 'scenario'],
      [0, 'set_margin_type', 'scenario'],
      [90_000, 'set_leverage', 'scenario'],
      [180_000, 'set_leverage', 'scenario'],
    ]);
    expect(state).toMatchObject({
      scenario: { steps: [{ outcome: 'done' }, { outcome: 'refused' }, { outcome: 'done' }, { outcome: 'done' }] },
    });
  });

  it('a bad file keeps the venue from starting, and every violation is named at once', async () => {
    const scenario = fileOf(
      'bad.yaml',
      `name: bad
extra: 1
steps:
  - fault: { kind: meteor }
  - at: tomorrow
    fault: { kind: drop_reply }
  - at: +1m
    fault: { kind: drop_reply, skewMs: 5, probability: 7 }
  - at: 2023-12-31T23:59:59Z
    action: { kind: halt_symbol, symbol: DOGEUSDT }
  - action: { kind: set_leverage, accountId: nobody, symbol: BTCUSDT, leverage: 5 }
  - action: { kind: place_order, symbol: BTCUSDT, side: BUY, quantity: 1 }
  - at: +1m
  - fault: { kind: drop_reply }
    action: { kind: end_maintenance }
`,
    );
    const start = SimulatorProcess.start({ SIM_SCENARIO_FILE: scenario });
    const message = await start.then(
      () => 'it started',
      (error: Error) => error.message,
    );
    for (const named of [
      'the scenario: Unrecognized key',
      'steps[0].fault.kind',
      'steps[1].at: expected UTC milliseconds',
      'steps[2].fault.probability',
      'steps[3].at: 2023-12-31T23:59:59.000Z lies before the market',
      'steps[3].action.symbol: DOGEUSDT is not listed here',
      'steps[4].action.accountId: there is no account nobody',
      'steps[5].action.quantity',
      'steps[6]: expected either fault or action',
      'steps[7]: expected either fault or action',
    ]) {
      expect(message).toContain(named);
    }
  });
});

describe('a market that runs by itself', () => {
  it('plays a scenario along the way', async () => {
    const scenario = fileOf(
      'running.yaml',
      `steps:
  - { at: +2m, action: { kind: set_leverage, symbol: BTCUSDT, leverage: 4 } }
  - { at: +3m, action: { kind: place_order, symbol: BTCUSDT, side: BUY, quantity: "0.010" } }
  - { at: +4m, action: { kind: close_position, symbol: BTCUSDT } }
`,
    );
    const simulator = await SimulatorProcess.start({ SIM_SCENARIO_FILE: scenario, SIM_SPEED: '600' });
    try {
      await eventually(async () => {
        const { scenario: state } = await simulator.control<{ scenario: Played }>('GET', 'scenario');
        return state.steps.every(({ outcome }) => outcome === 'done');
      }, 20_000);
      const actions = simulator.ledger().filter(({ kind }) => kind === 'action');
      expect(actions.map(({ timeMs }) => Number(timeMs) - MARKET_START_MS)).toEqual([120_000, 180_000, 240_000]);
    } finally {
      await simulator.stop();
    }
  });
});

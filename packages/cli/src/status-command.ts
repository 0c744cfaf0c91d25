import type { Command } from 'commander';
import Table from 'cli-table3';
import { identityOf } from './process-identity.ts';
import { runtimeDirectory, type SuiteFacts } from './runtime-directory.ts';
import { liveLines } from './start/live-view.ts';
import { askJson, listAt, recordAt, textAt, viewSuite } from './suite-view.ts';

const NOT_RUNNING_EXIT_CODE = 3;
const OPEN_STATES = new Set([
  'CREATED',
  'SENDING',
  'ACCEPTED',
  'PARTIALLY_FILLED',
  'TRIGGERED',
  'UNKNOWN',
  'LATE_FOUND',
]);

/** Returns how many events a service has yet to handle, summed over what it listens to. */
const lagOf = (health: unknown): number | null => {
  const lags = recordAt(recordAt(recordAt(health, 'dependencies'), 'redis'), 'lagByType');
  const counts = Object.values(lags).filter((lag) => typeof lag === 'number');
  return counts.length === 0 ? null : counts.reduce((total, lag) => total + lag, 0);
};

const statusOf = async (facts: SuiteFacts) => {
  const exec = facts.urls['exec-risk-service'] ?? '';
  const [view, account, control, orders, positions] = await Promise.all([
    viewSuite(facts.urls, facts.symbols),
    ...['account', 'control/mode', 'orders', 'positions'].map((page) => askJson(`${exec}/api/v1/${page}`)),
  ]);
  const services = facts.processes.map(({ name, pid, port, identity, restarts }) => {
    const health = view.health[name] ?? null;
    const isAlive = identityOf(pid) === identity;
    return { name, pid, port, isAlive, restarts, url: facts.urls[name] ?? null, lag: lagOf(health), health };
  });
  const { mode: kind, speed, symbols, interval, startedAt, pid } = facts;
  return {
    pid,
    startedAt,
    kind,
    speed,
    symbols,
    interval,
    timeMs: view.timeMs,
    tradingMode: control,
    services,
    markets: view.markets,
    equityUsdt: view.equityUsdt,
    account,
    positions: listAt(positions, 'positions'),
    orders: listAt(orders, 'orders'),
  };
};

type Status = Awaited<ReturnType<typeof statusOf>>;

const print = (status: Status): void => {
  const { pid, kind, speed, symbols, interval, services, tradingMode, positions, orders, account } = status;
  const pace = speed === 'max' ? 'full speed' : `${speed}x`;
  console.log(
    `running since ${status.startedAt} (process ${pid}): ${kind} at ${pace}, ${symbols.join(', ')} ${interval}`,
  );
  const table = new Table({
    head: ['process', 'status', 'pid', 'port', 'restarts', 'lag'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const { name, isAlive, health, port, restarts, lag, pid: id } of services) {
    const said = health === null ? (isAlive ? 'up' : 'down') : textAt(health, 'status');
    table.push([name, said, id, port, restarts, lag ?? '-']);
  }
  console.log(table.toString());
  console.log(liveLines({ timeMs: status.timeMs, equityUsdt: status.equityUsdt, markets: status.markets }).join('\n'));
  const mode = textAt(tradingMode, 'effectiveMode', 'mode');
  const open = orders.filter(({ state }) => typeof state === 'string' && OPEN_STATES.has(state)).length;
  console.log(
    `trading mode ${mode}, ${positions.length} positions, ${open} open orders, ${textAt(account, 'unknownOrders')} of unknown outcome`,
  );
  console.log(`equity ${status.equityUsdt} USDT, today ${textAt(account, 'dailyPnlUsdt')} USDT`);
};

/** Adds `qt status`: what a suite started here is doing. Ends with 3 when none is running. */
export const statusCommand = (program: Command): void => {
  program
    .command('status')
    .description('what the running suite is doing: services, modes, positions, orders, equity, lag')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const facts = runtimeDirectory().suite();
      if (facts === null || identityOf(facts.pid) !== facts.identity) {
        const message = 'no suite is running here; start one with npm start';
        if (json) console.log(JSON.stringify({ isRunning: false }));
        else console.error(message);
        process.exitCode = NOT_RUNNING_EXIT_CODE;
        return;
      }
      const status = await statusOf(facts);
      if (json) console.log(JSON.stringify({ isRunning: true, ...status }, null, 2));
      else print(status);
    });
};

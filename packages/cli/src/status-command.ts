import type { Command } from 'commander';
import Table from 'cli-table3';
import { identityOf } from './process-identity.ts';
import { runtimeDirectory, type SuiteFacts } from './runtime-directory.ts';
import { liveLines } from './start/live-view.ts';
import { askJson, recordAt, textAt, viewSuite } from './suite-view.ts';

const NOT_RUNNING_EXIT_CODE = 3;

const statusOf = async (facts: SuiteFacts) => {
  const view = await viewSuite(facts.urls, facts.symbols);
  const [orders, account] = await Promise.all(
    ['/api/v1/orders?open=true', '/api/v1/account'].map((path) =>
      askJson(`${facts.urls['exec-risk-service'] ?? ''}${path}`),
    ),
  );
  const services = facts.processes.map(({ name, pid, port, identity, restarts }) => ({
    name,
    pid,
    port,
    isAlive: identityOf(pid) === identity,
    restarts,
    url: facts.urls[name] ?? null,
    health: view.health[name] ?? null,
  }));
  const { mode, speed, symbols, interval, startedAt, pid } = facts;
  return {
    pid,
    startedAt,
    mode,
    speed,
    symbols,
    interval,
    services,
    markets: view.markets,
    timeMs: view.timeMs,
    equityUsdt: view.equityUsdt,
    account,
    orders,
  };
};

const print = (status: Awaited<ReturnType<typeof statusOf>>): void => {
  const { pid, mode, speed, symbols, interval, services, account } = status;
  console.log(
    `running since ${status.startedAt} (process ${pid}): ${mode} at ${speed === 'max' ? 'full speed' : `${speed}x`}, ${symbols.join(', ')} ${interval}`,
  );
  const table = new Table({
    head: ['process', 'status', 'pid', 'port', 'restarts', 'lag'],
    style: { head: [], border: [] },
  });
  for (const { name, isAlive, health, port, restarts, pid: id } of services) {
    const said = health === null ? (isAlive ? 'up' : 'down') : textAt(health, 'status');
    const redis = recordAt(recordAt(health, 'dependencies'), 'redis');
    table.push([name, said, id, port, restarts, textAt(redis, 'lag', 'lagMs', 'behind')]);
  }
  console.log(table.toString());
  const view = { ...status, health: {} };
  console.log(liveLines(view).join('\n'));
  console.log(`trading mode ${textAt(account, 'mode', 'tradingMode')}, equity ${status.equityUsdt} USDT`);
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

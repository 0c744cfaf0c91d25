import { loadConfig, runOnce, runService, type ServiceKit } from '@qt/service-kit';
import { buildApp } from './app.ts';
import { ComponentRegistry } from './components/component-registry.ts';
import { RegimeConfig, settingsArgument, settingsPath } from './config.ts';
import { LiveConfiguration } from './configuration/live-configuration.ts';
import { dryRun, printReport } from './dry-run.ts';
import { HeapBounds } from './heap-bounds.ts';
import { ProcessSignals } from './process-signals.ts';
import { createRegimeMetrics } from './regime-metrics.ts';
import { openWorld } from './world.ts';

// What the guide's pgrep looks for.
process.title = 'adaptive_regime';
const config = loadConfig(RegimeConfig, process.env);
const namedSettings = () => settingsPath(settingsArgument(process.argv.slice(2)) ?? config.REGIME_CONFIG_FILE);

const build = (kit: ServiceKit) => {
  const { clock, marketClock, logs, metrics } = kit;
  const registry = new ComponentRegistry(logs);
  const logger = registry.loggerOf('configuration_manager');
  const configuration = new LiveConfiguration({ path: namedSettings(), logger });
  const { file_max_bytes: maxBytes, file_max_count: maxFiles } = configuration.settings.logging;
  if (config.LOG_DIR !== undefined) logs.writeToFiles({ directory: config.LOG_DIR, maxBytes, maxFiles });
  const { budget, ...world } = openWorld(config, kit, () => configuration.settings.logging.slow_query_ms);
  const app = buildApp({
    ...world,
    historyCandles: config.HISTORY_CANDLES,
    interval: config.INTERVAL,
    operatorKey: config.OPERATOR_KEY,
    configuration,
    registry,
    clock,
    marketClock,
    logs,
    metrics: createRegimeMetrics(metrics),
  });
  const reload = (by: string) => configuration.reload(by);
  const signals = new ProcessSignals({ logDirectory: config.LOG_DIR ?? null, reload, logger });
  return { ...app, components: [signals, budget, ...app.components, new HeapBounds()] };
};

if (config.DRY_RUN) {
  await runOnce('regime-service', async (kit) => {
    const { budget, ...world } = openWorld(config, kit, () => Number.MAX_SAFE_INTEGER);
    const { INTERVAL: interval, HISTORY_CANDLES: historyCandles, REDIS_URL: redisUrl } = config;
    const report = await dryRun({ ...world, settingsPath: namedSettings(), interval, historyCandles, redisUrl });
    await budget.stop();
    printReport(report);
  });
} else await runService('regime-service', build);

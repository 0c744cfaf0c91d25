export { aCandle, silentLogger } from './builders.ts';
export { eventually, type EventuallyOptions } from './eventually.ts';
export { freePort } from './free-port.ts';
export { endProcess, exitOf, type GuardedSpawn, spawnGuarded } from './guarded-process.ts';
export { PostgresCluster, type PostgresClusterOptions } from './postgres-cluster.ts';
export { realCandles, realPayloads } from './real-data.ts';
export { RedisProcess, type RedisProcessOptions } from './redis-process.ts';
export {
  type RunningSimulator,
  type ServiceProcess,
  spawnService,
  startService,
  startSimulator,
} from './service-process.ts';
export { type FaultRule, SimulatorControl, type SimulatorState } from './simulator-control.ts';
export { aDatabase, type RunningStore, startPostgres, startRedis } from './stores.ts';

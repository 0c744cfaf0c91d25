export { createRedisEventBus, EventBus } from './event-bus.ts';
export { Heartbeat, type HeartbeatOptions } from './heartbeat.ts';
export { type Injection, injectEnvelope } from './inject-envelope.ts';
export { createMemoryStores, type MemoryStores } from './memory-stores.ts';
export type { BusHealth, BusIdleAnswer, BusIdleQuery, BusLogger, BusMetrics, EventBusOptions } from './ports.ts';
export { probeRedis } from './redis-probe.ts';
export {
  type AfterCommit,
  type ConsumeOptions,
  consume,
  type Delivered,
  type Handler,
  type Publish,
  type Subscription,
  type Work,
} from './subscription.ts';
export {
  type QueuedTask,
  type TaskAttempt,
  type TaskCounts,
  type TaskOrder,
  TaskQueue,
  type TaskQueueOptions,
} from './task-queue.ts';

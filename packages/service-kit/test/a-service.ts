import { AppError } from '@qt/kernel';
import { runService } from '../src/index.ts';

// What the lifecycle tests start as a process of its own.
const startFault = process.env['TEST_START_FAULT'];

await runService('ai-service', ({ logger, metrics }) => {
  metrics.eventsPublished.inc({ event_type: 'signal.generated' });
  const component = (name: string) => ({
    name,
    start: async () => {
      if (startFault !== undefined && name === 'second') {
        throw new AppError('NOT_THERE', 'second is not there', { retryable: startFault === 'retryable' });
      }
      logger.info(`start ${name}`);
    },
    drain: async () => logger.info(`drain ${name}`),
    resume: () => logger.info(`resume ${name}`),
    stop: async () => {
      logger.info(`stop ${name}`);
      if (process.env['TEST_NEVER_STOPS'] !== undefined) await new Promise(() => undefined);
    },
    check: () => ({ status: process.env['TEST_DOWN'] === name ? ('down' as const) : ('up' as const) }),
    idle: async () => ({ published: { [`${name}.done`]: 7 } }),
  });
  return { components: [component('first'), component('second')], health: () => ({ models_loaded: 2 }) };
});

import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createDatabase, type Database } from '@qt/database';
import { aDatabase, type RunningStore, startRedis } from '@qt/testing';
import request from 'supertest';
import { OPERATOR_KEY, type RunningApi, startApi } from './api-service.ts';
import { SYMBOLS } from './fake-venue.ts';

export const KEY = { authorization: `Bearer ${OPERATOR_KEY}` };
export type Method = 'get' | 'post' | 'put';

/** Every page that changes something, with a body it takes. */
export const CHANGES = [
  { method: 'post', path: '/api/v1/debug/enable', body: { component: 'adaptive_scoring_layer', level: 'DEBUG' } },
  { method: 'post', path: '/api/v1/admin/reduce_load', body: {} },
  { method: 'post', path: '/api/v1/admin/tasks', body: { kind: 'audit' } },
  { method: 'put', path: '/api/v1/config', body: { data_quality: { late_after_ms: 1 } } },
] as const;

/**
 * Starts stores of its own and the app before the tests of a file, and stops them after. Each test begins with the settings of the file and
 * with no load reduced.
 */
export const anApi = (parts: Partial<Parameters<typeof startApi>[0]> = {}) => {
  let redis: RunningStore;
  let postgres: RunningStore;
  let database: Database;
  let api: RunningApi;
  beforeAll(async () => {
    redis = await startRedis();
    postgres = await aDatabase();
    database = createDatabase({ url: postgres.url, applicationName: 'test' });
    await database.start();
    api = await startApi({ database, redisUrl: redis.url, symbols: SYMBOLS, operatorKey: OPERATOR_KEY, ...parts });
    api.venue.closeMinutes(3);
    await api.idle();
  }, 60_000);
  afterAll(async () => {
    await api.stop();
    await database.stop();
    await postgres.stop();
    await redis.stop();
  });
  beforeEach(() => {
    api.configuration.reload('the next test');
    api.reduction.end('the next test');
  });
  const ask = (method: Method, path: string) => request(api.http)[method](path);
  return {
    get: (path: string) => ask('get', path),
    /** Without the key. */
    ask,
    change: (method: Method, path: string) => ask(method, path).set(KEY),
    api: () => api,
    database: () => database,
    stores: () => ({ postgresUrl: postgres.url, redisUrl: redis.url }),
  };
};

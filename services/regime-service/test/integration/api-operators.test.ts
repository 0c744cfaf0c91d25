import { describe, expect, it } from '@jest/globals';
import { COMPONENT_NAMES } from '../../src/configuration/settings.ts';
import { anApi } from '../support/an-api.ts';

const { get } = anApi();

describe('pages of the operators', () => {
  it('says how the service and each of the 13 components are', async () => {
    const { body } = await get('/api/v1/health').expect(200);
    expect(body).toMatchObject({ status: 'healthy', version: '3.0.0', uptime_seconds: expect.any(Number) });
    expect(Object.keys(body.components)).toEqual([...COMPONENT_NAMES, 'redis', 'postgres']);
    expect(COMPONENT_NAMES).toHaveLength(13);
    const all = await get('/api/v1/components').expect(200);
    expect(Object.keys(all.body.components)).toEqual([...COMPONENT_NAMES]);
  });

  it.each(COMPONENT_NAMES.map((name) => ({ name })))('has a page and an inside of $name', async ({ name }) => {
    const { body } = await get(`/api/v1/components/${name}`).expect(200);
    expect(body).toMatchObject({
      name,
      state: expect.any(String),
      health: expect.any(String),
      metrics: expect.any(Object),
      last_error: null,
      log_level: 'INFO',
      is_debug_enabled: false,
    });
    const inside = await get(`/api/v1/debug/state/${name}`).expect(200);
    expect(inside.body).toMatchObject({ component: name, inside: expect.any(Object) });
  });

  it.each(['/api/v1/components/nope', '/api/v1/debug/state/nope'])('names the known components at %s', async (page) => {
    const { body } = await get(page).expect(404);
    expect(body.error.code).toBe('COMPONENT_UNKNOWN');
    for (const name of COMPONENT_NAMES) expect(body.error.message).toContain(name);
  });

  it("has the guide's figures of the machine and of the database", async () => {
    const { body } = await get('/api/v1/metrics').expect(200);
    expect(body.memory_usage_percent).toBeGreaterThan(0);
    expect(body.memory_usage_percent).toBeLessThan(100);
    expect(body.cpu_usage_percent).toBeGreaterThanOrEqual(0);
    const stored = await get('/api/v1/system/database').expect(200);
    expect(stored.body).toMatchObject({ status: 'healthy', type: 'postgresql', pool_size: 10 });
    expect(stored.body.active_connections).toBeGreaterThan(0);
  });

  it('answers an unknown page with 404 in JSON, and no page may be framed or sniffed', async () => {
    const { body, headers } = await get('/api/v1/nowhere').expect(404);
    expect(body.error).toEqual({ code: 'NOT_FOUND', message: 'no such page: GET /api/v1/nowhere' });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  });
});

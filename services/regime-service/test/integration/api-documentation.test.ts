import { describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import { anApi, CHANGES, type Method } from '../support/an-api.ts';

const GUIDE_PAGES = [
  'health',
  'components',
  'components/{name}',
  'asl/metrics',
  'regime/current',
  'regime/history',
  'regime/transitions',
  'data/quality',
  'admin/reduce_load',
  'debug/enable',
  'debug/state/{component}',
  'config',
  'config/validate',
];

const { get, ask } = anApi();

describe('documentation and metrics', () => {
  it('documents every page, made from what the pages check', async () => {
    const { body } = await get('/openapi.json').expect(200);
    expect(body.openapi).toBe('3.1.0');
    const operations = Object.entries(body.paths as Record<string, Record<string, { security?: readonly object[] }>>);
    for (const [path, methods] of operations) {
      for (const [method, { security }] of Object.entries(methods)) {
        // Each documented page is there: it is refused for what is missing, not unknown.
        const page = path.replace('{name}', 'redis').replace('{component}', 'redis');
        const { body: answer } = await ask(method as Method, page);
        expect(answer.error?.code).not.toBe('NOT_FOUND');
        const isChange = CHANGES.some((change) => change.path === path && change.method === method);
        // Without the key, or not at all.
        const isOpen = security === undefined || security.some((way) => Object.keys(way).length === 0);
        expect(isOpen).toBe(!isChange);
      }
    }
    expect(operations.length).toBeGreaterThanOrEqual(16);
    for (const page of GUIDE_PAGES) expect(Object.keys(body.paths)).toContain(`/api/v1/${page}`);
    const validation = body.paths['/api/v1/config/validate'].post;
    expect(validation.security).toEqual([{}, { operatorKey: [] }]);
    expect(validation.responses['429'].description).toContain('Retry-After');
    const limit = body.paths['/api/v1/regime/history'].get.parameters.find(
      ({ name }: { name: string }) => name === 'limit',
    );
    expect(limit.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 1_000 });
  });

  it('shows them on one page that needs nothing from elsewhere', async () => {
    const { text, headers } = await get('/docs').expect(200);
    expect(headers['content-type']).toContain('text/html');
    expect(text).toContain('/api/v1/admin/reduce_load');
    expect(text).toContain(
      'curl -s -X POST --data-binary @body.yaml &#39;http://localhost:8080/api/v1/config/validate&#39;',
    );
    expect(text).not.toMatch(/<script|src=|https:\/\//);
  });

  it("has the guide's metrics, with symbol and interval where they are of a market", async () => {
    await ask('put', '/api/v1/config').send({}).expect(401);
    const text = await eventually(
      async () => {
        const metrics = (await get('/metrics')).text;
        expect(metrics).toMatch(/^regime_component_status\{/m);
        return metrics;
      },
      { timeoutMs: 10_000, intervalMs: 200 },
    );
    const market = 'symbol="BTCUSDT",interval="1m"';
    for (const name of ['current', 'probability', 'agreement_ratio', 'stability_ratio', 'dwell_candles'])
      expect(text).toMatch(new RegExp(`^regime_${name}\\{${market}\\} [\\d.]+$`, 'm'));
    for (const name of [
      'cpu_usage_percent',
      'memory_usage_bytes',
      'memory_limit_bytes',
      'task_queue_size',
      'database_connections_active',
      'uptime_seconds',
    ])
      expect(text).toMatch(new RegExp(`^regime_${name} [\\d.e+]+$`, 'm'));
    for (const name of [
      'requests_total',
      'errors_total',
      'detection_total',
      'detection_latency_seconds',
      'accuracy_percent',
      'precision_percent',
      'recall_percent',
      'learning_updates_total',
      'concept_drift_score',
    ])
      expect(text).toContain(`# TYPE regime_${name} `);
    expect(text).toMatch(/^regime_component_status\{component="configuration_manager",state="running"\} 1$/m);
    expect(text).toMatch(/^regime_requests_total\{route="\/api\/v1\/config",status="401"\} [1-9]\d*$/m);
  });
});

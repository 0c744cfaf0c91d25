import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMPONENT_NAMES } from '../../src/configuration/settings.ts';
import { anApi } from '../support/an-api.ts';

const { get, ask, change, api } = anApi();
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer(api().http);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Says bytes to the port as they are, and returns all that comes back. */
const say = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (piece) => (heard += piece.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
    socket.write(bytes);
  });
const settings = async (): Promise<object> => (await get('/api/v1/config').expect(200)).body;
const codeOf = ({ body }: { readonly body: { readonly error?: { readonly code: string } } }) => body.error?.code;

describe('bodies that are meant to do harm', () => {
  const BOTH = [
    { method: 'put', path: '/api/v1/config' },
    { method: 'post', path: '/api/v1/config/validate' },
  ] as const;

  it.each([
    { name: 'levels without end', body: `{"a":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_001)}` },
    { name: 'a list without end', body: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}` },
    { name: 'a prototype', body: '{"logging": {"__proto__": {"level": "DEBUG"}}}' },
  ])('are refused: JSON with $name', async ({ body }) => {
    const before = await settings();
    for (const { method, path } of BOTH)
      expect(codeOf(await change(method, path).type('json').send(body).expect(400))).toBe('BODY_MALFORMED');
    expect(await settings()).toEqual(before);
  });

  it.each([
    { name: 'keys that have no value', body: `{${Array.from({ length: 9_000 }, (_, at) => `k${at},`).join('')}}` },
    { name: 'items', body: '-\n'.repeat(20_000) },
    { name: 'tags', body: '!x '.repeat(20_000) },
    { name: 'brackets', body: '[]'.repeat(30_000) },
    {
      name: 'aliases of aliases',
      body: Array.from({ length: 30 }, (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}]`).join('\n'),
    },
  ])('are refused: YAML with many $name', async ({ body }) => {
    const before = await settings();
    for (const { method, path } of BOTH)
      expect(codeOf(await change(method, path).type('application/yaml').send(body).expect(400))).toBe('BODY_MALFORMED');
    expect(await settings()).toEqual(before);
  });

  it('are answered with a bounded list of what is wrong', async () => {
    const body = Object.fromEntries(Array.from({ length: 4_000 }, (_, at) => [`k${at}`, at]));
    const answer = await change('post', '/api/v1/config/validate').send(body).expect(422);
    expect(answer.body.violations).toHaveLength(100);
    expect(answer.body.error.message).toMatch(/; and 3900 more$/);
    expect(answer.text.length).toBeLessThan(30_000);
  });

  it.each([
    { value: '.nan' },
    { value: '.inf' },
    { value: '-0.1' },
    { value: '"0.7"' },
    { value: '[0.7]' },
    { value: 'true' },
    { value: '{ toString: 1 }' },
  ])('are refused: $value where a share is expected', async ({ value }) => {
    const before = await settings();
    const body = `detection: { transition: { confidence_threshold: ${value} } }`;
    for (const { method, path } of BOTH) {
      const answer = await change(method, path).type('application/yaml').send(body).expect(422);
      expect(codeOf(answer)).toBe('CONFIG_INVALID');
      expect(answer.body.violations[0].path).toMatch(/^detection\.transition\.confidence_threshold/);
    }
    expect(await settings()).toEqual(before);
  });

  it('are named: no JSON, too large, unpacked too large, of a type or charset nobody reads', async () => {
    const put = () => change('put', '/api/v1/config');
    expect(codeOf(await put().type('json').send('{"a":').expect(400))).toBe('JSON_MALFORMED');
    const large = JSON.stringify({ a: 'x'.repeat(65 * 1024) });
    expect(codeOf(await put().type('json').send(large).expect(413))).toBe('BODY_TOO_LARGE');
    expect(codeOf(await put().type('application/yaml').send(large).expect(413))).toBe('BODY_TOO_LARGE');
    const { gzipSync } = await import('node:zlib');
    const packed = put().type('json').set('content-encoding', 'gzip');
    packed.write(gzipSync(JSON.stringify({ a: 'x'.repeat(5_000_000) })));
    expect(codeOf(await packed.expect(413))).toBe('BODY_TOO_LARGE');
    expect(codeOf(await put().set('content-type', 'application/json; charset=nope').send('{}').expect(415))).toBe(
      'CHARSET_UNSUPPORTED',
    );
    const foreign = await put().type('application/octet-stream').send(Buffer.from('{}')).expect(415);
    expect(foreign.body.error).toEqual({
      code: 'BODY_TYPE_UNSUPPORTED',
      message: 'expected a body in JSON or YAML, found application/octet-stream',
    });
  });

  it('mean nothing else than they say: an end of the reduction in a foreign type begins none', async () => {
    const body = Buffer.from('{"minutes": 0}');
    await change('post', '/api/v1/admin/reduce_load').type('application/octet-stream').send(body).expect(415);
    expect(api().reduction.isActive).toBe(false);
  });
});

describe('questions that make no sense', () => {
  const HISTORY = '/api/v1/regime/history?symbol=BTCUSDT';

  it.each([
    { query: '&limit=-5', path: 'limit' },
    { query: '&limit=NaN', path: 'limit' },
    { query: '&limit=Infinity', path: 'limit' },
    { query: '&limit=1.5', path: 'limit' },
    { query: '&limit=', path: 'limit' },
    { query: '&limit=5&limit=6', path: 'limit' },
    { query: '&limit[]=5', path: 'limit[]' },
    { query: '&from=99999999999999999999', path: 'from' },
    { query: '&from=2025-13-45', path: 'from' },
    { query: '&from=NaN', path: 'from' },
    { query: '&symbol=ETHUSDT', path: 'symbol' },
    { query: '&limt=5', path: 'limt' },
    { query: '&__proto__=5', path: '__proto__' },
  ])('are refused: history with $query', async ({ query, path }) => {
    const { body } = await get(`${HISTORY}${query}`).expect(400);
    expect(body.error).toMatchObject({ code: 'BAD_REQUEST', violations: [{ path }] });
  });

  it.each(['regime/current?', 'regime/history?symbol=BTCUSDT&', 'candles?symbol=BTCUSDT&', 'data/quality?'])(
    'are refused: %s of an interval that is not followed',
    async (page) => {
      await get(`/api/v1/${page}interval=1m`).expect(200);
      const { body } = await get(`/api/v1/${page}interval=5m`).expect(404);
      expect(body.error).toEqual({
        code: 'INTERVAL_UNKNOWN',
        message: 'found no candles of 5m; this service follows 1m',
      });
    },
  );

  it.each([
    '/api/v1/components/..%2f..%2f..%2fetc%2fpasswd',
    '/api/v1/components/__proto__',
    '/api/v1/components/constructor',
    '/api/v1/components/base_regime_detector%00',
    '/api/v1/debug/state/..%5c..%5csecrets',
    `/api/v1/debug/state/${'a'.repeat(5_000)}`,
  ])('find no component at %s', async (page) => {
    expect(codeOf(await get(page).expect(404))).toBe('COMPONENT_UNKNOWN');
  });

  it.each([
    { page: '/api/v1/components/../../../etc/passwd', status: 404 },
    { page: '/api/v1/components/%E0%A4%A', status: 400 },
    { page: '//api/v1/health', status: 404 },
  ])('get an answer in JSON at $page', async ({ page, status }) => {
    const answer = await say(`GET ${page} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\\{"error":\\{"code":"(NOT_FOUND|BAD_REQUEST)"`));
    expect(answer).not.toContain('root:');
  });

  it.each([
    { method: 'DELETE', path: '/api/v1/config', allow: 'GET, PUT, HEAD, OPTIONS' },
    { method: 'POST', path: '/api/v1/regime/current', allow: 'GET, HEAD, OPTIONS' },
    { method: 'GET', path: '/api/v1/admin/reduce_load', allow: 'POST, OPTIONS' },
    { method: 'TRACE', path: '/api/v1/health', allow: 'GET, HEAD, OPTIONS' },
    { method: 'PROPFIND', path: '/api/v1/components/base_regime_detector', allow: 'GET, HEAD, OPTIONS' },
  ])('are told what a page takes: $method $path', async ({ method, path, allow }) => {
    const answer = await say(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
    expect(answer).toContain(`Allow: ${allow}\r\n`.replace('Allow', answer.includes('Allow:') ? 'Allow' : 'allow'));
    expect(answer).toContain('"code":"METHOD_NOT_ALLOWED"');
  });

  it('HEAD has the headers of GET and no body; OPTIONS says what is taken and opens nothing to other origins', async () => {
    const head = await say('HEAD /api/v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 200 [^]*application\/json[^]*\r\n\r\n$/);
    const options = await say(
      'OPTIONS /api/v1/config HTTP/1.1\r\nhost: x\r\norigin: https://elsewhere\r\nconnection: close\r\n\r\n',
    );
    expect(options).toMatch(/^HTTP\/1.1 204 [^]*GET, PUT, HEAD, OPTIONS/);
    expect(options.toLowerCase()).not.toContain('access-control');
  });
});

describe('headers that are meant to do harm', () => {
  it.each([
    { name: 'a line in a header', lines: 'x-request-id: a\r\n\tset-cookie: b=c' },
    { name: 'a bare line end', lines: 'x-request-id: a\nset-cookie: b=c' },
    { name: 'an encoded line end', lines: 'x-request-id: a%0d%0aset-cookie: b=c' },
    { name: 'a foreign address', lines: 'x-forwarded-for: 10.0.0.1\r\nx-forwarded-host: elsewhere' },
  ])('come back in no answer: $name', async ({ lines }) => {
    const answer = await say(`GET /api/v1/nowhere HTTP/1.1\r\nhost: x\r\n${lines}\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
    expect(answer.toLowerCase()).not.toMatch(/set-cookie|x-request-id|elsewhere|10\.0\.0\.1/);
  });

  it('are refused: two lengths, a length and pieces, more than 16 kB of them', async () => {
    const post = 'POST /api/v1/config/validate HTTP/1.1\r\nhost: x\r\n';
    expect(await say(`${post}content-length: 2\r\ncontent-length: 4\r\n\r\n{}{}`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await say(`${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(await say(`${post}x: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  });

  it('change no allowance: whoever claims another address each time is counted as one', async () => {
    const before = await settings();
    const statuses: number[] = [];
    for (let call = 0; call < 70; call += 1)
      statuses.push(
        (
          await ask('put', '/api/v1/config')
            .set({ 'x-forwarded-for': `10.0.0.${call}`, 'x-real-ip': `10.0.0.${call}` })
            .send({})
        ).status,
      );
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(60);
    expect(await settings()).toEqual(before);
  });
});

describe('a crowd', () => {
  const crowd = async (path: string): Promise<readonly number[]> => {
    const answers = Array.from({ length: 1_000 }, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      const body = (await answer.json()) as { error?: { code: string } };
      if (answer.status === 503)
        expect([body.error?.code, Number(answer.headers.get('retry-after')) > 0]).toEqual(['TOO_BUSY', true]);
      return answer.status;
    });
    return Promise.all(answers);
  };

  it('of 1,000 at once is answered: the regime to each, history to some and "later" to the others', async () => {
    expect(new Set(await crowd('/api/v1/regime/current'))).toEqual(new Set([200]));
    const statuses = await crowd('/api/v1/regime/history?symbol=BTCUSDT&limit=20');
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(200);
    api().venue.closeMinutes(1);
    await api().idle();
    expect((await get('/api/v1/health').expect(200)).body.components).toMatchObject(
      Object.fromEntries(COMPONENT_NAMES.slice(0, 2).map((name) => [name, expect.stringMatching(/running|warming/)])),
    );
    await get('/api/v1/regime/history?symbol=BTCUSDT&limit=1000').expect(200);
  }, 60_000);
});

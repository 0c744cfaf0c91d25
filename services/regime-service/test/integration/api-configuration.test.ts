import { describe, expect, it } from '@jest/globals';
import { anApi } from '../support/an-api.ts';
import { SYMBOLS } from '../support/fake-venue.ts';

const { get, ask, change } = anApi();

describe('configuration over HTTP', () => {
  const validate = () => ask('post', '/api/v1/config/validate');
  const put = () => change('put', '/api/v1/config');

  it('shows what is set, and what takes effect without a restart', async () => {
    const { body } = await get('/api/v1/config').expect(200);
    expect(body.settings.detection.transition.level_margin_ratio).toBe(0.6);
    expect(body.hot_reload['detection.transition.level_margin_ratio']).toBe(true);
    expect(body.hot_reload['detection.warmup_candles']).toBe(false);
  });

  it.each([
    { type: 'application/yaml', text: 'detection: { transition: { level_margin_ratio: 0.4 } }' },
    { type: 'application/json', text: '{"detection":{"transition":{"level_margin_ratio":0.4}}}' },
    // What curl says of any body when it is not told.
    { type: 'application/x-www-form-urlencoded', text: 'detection:\n  transition:\n    level_margin_ratio: 0.4\n' },
  ])('finds a good configuration good, sent as $type', async ({ type, text }) => {
    const { body } = await validate().set('content-type', type).send(text).expect(200);
    expect(body).toEqual({ valid: true, restart_needed: [] });
    expect((await get('/api/v1/config')).body.settings.detection.transition.level_margin_ratio).toBe(0.6);
  });

  it('says what a restart would be needed for', async () => {
    const { body } = await validate()
      .send({ detection: { warmup_candles: 300 } })
      .expect(200);
    expect(body).toEqual({ valid: true, restart_needed: ['detection.warmup_candles'] });
  });

  it('finds everything that is wrong at once', async () => {
    const text = 'logging: { level: LOUD }\ndetection: { warmup_candles: 1, surprise: 2 }\nnope: {}';
    const { body } = await validate().set('content-type', 'application/yaml').send(text).expect(422);
    expect(body.valid).toBe(false);
    expect(body.violations.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'detection.surprise',
      'detection.warmup_candles',
      'logging.level',
      'nope',
    ]);
    expect(body.violations).toContainEqual({ path: 'detection.warmup_candles', found: '1', expected: '>=100' });
  });

  it('refuses a text that is no YAML, and no text at all', async () => {
    const broken = await validate().set('content-type', 'application/yaml').send('a: [1').expect(400);
    expect(broken.body.error.code).toBe('BODY_MALFORMED');
    expect((await validate().expect(400)).body.error.code).toBe('BODY_MISSING');
    const empty = await validate().set('content-type', 'application/x-www-form-urlencoded').send('').expect(400);
    expect(empty.body.error.code).toBe('BODY_MISSING');
    const blank = await validate().set('content-type', 'application/yaml').send(' \n').expect(400);
    expect(blank.body.error.code).toBe('BODY_MISSING');
  });

  it('sets hot parameters in the running engines', async () => {
    const inEngines = async (): Promise<readonly unknown[]> => {
      const { body } = await get('/api/v1/debug/state/intelligent_transition_manager').expect(200);
      return SYMBOLS.map((symbol) => body.inside[symbol].options.levelMarginRatio);
    };
    expect(await inEngines()).toEqual([0.6, 0.6]);
    const change = { detection: { transition: { level_margin_ratio: 0.4 } } };
    const { body } = await put().send(change).expect(200);
    expect(body.changes).toEqual([{ path: 'detection.transition.level_margin_ratio', from: 0.6, to: 0.4 }]);
    expect((await get('/api/v1/config')).body.settings.detection.transition.level_margin_ratio).toBe(0.4);
    expect(await inEngines()).toEqual([0.4, 0.4]);
    const component = await get('/api/v1/components/configuration_manager');
    expect(component.body.metrics.overrides).toBe('detection.transition.level_margin_ratio');
    const back = await put()
      .send({ detection: { transition: { level_margin_ratio: null } } })
      .expect(200);
    expect(back.body.changes).toEqual([{ path: 'detection.transition.level_margin_ratio', from: 0.4, to: 0.6 }]);
    expect(await inEngines()).toEqual([0.6, 0.6]);
  });

  it('changes nothing when one of the parameters needs a restart, or the result would be wrong', async () => {
    const mixed = { detection: { warmup_candles: 300, transition: { level_margin_ratio: 0.4 } } };
    const { body } = await put().send(mixed).expect(409);
    expect(body.error).toMatchObject({ code: 'RESTART_NEEDED', restart_needed: ['detection.warmup_candles'] });
    await put()
      .send({ detection: { transition: { level_margin_ratio: 7 } } })
      .expect(422);
    await put().send({ nope: 1 }).expect(422);
    await put().send([1]).expect(400);
    expect((await get('/api/v1/config')).body.settings.detection.transition.level_margin_ratio).toBe(0.6);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AppError } from '@qt/kernel';
import { Action } from '../control/action.ts';
import { FaultKind } from '../faults/fault-kinds.ts';
import { readScenarioFile } from './scenario-file.ts';

const START_MS = 1_704_067_200_000;
const stage = { symbols: ['BTCUSDT'], accountIds: ['alice', 'bob'], startMs: START_MS, endMs: START_MS + 60_000 };
const directory = mkdtempSync(join(tmpdir(), 'qt-scenario-file-'));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const read = (text: string) => {
  const path = join(directory, 'scenario.yaml');
  writeFileSync(path, text);
  return readScenarioFile(path, stage);
};
const violations = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    expect((error as AppError).code).toBe('SCENARIO_FILE_INVALID');
    return (error as AppError).message;
  }
  return '';
};

describe('readScenarioFile', () => {
  it('reads YAML and JSON alike, steps in the order of their times', () => {
    const yaml = read('steps:\n  - { at: +20s, fault: { kind: reset } }\n  - { action: { kind: end_maintenance } }\n');
    const json = read('{"steps":[{"at":"+20s","fault":{"kind":"reset"}},{"action":{"kind":"end_maintenance"}}]}');
    expect(json).toEqual(yaml);
    expect(yaml.steps).toMatchObject([
      { atMs: START_MS, action: { kind: 'end_maintenance' } },
      { atMs: START_MS + 20_000, fault: { kind: 'reset' } },
    ]);
  });

  it.each([
    { name: 'broken YAML', text: 'steps: [\n  - {', named: ['scenario.yaml has'] },
    { name: 'a key written twice', text: 'steps: []\nsteps: []', named: ['Map keys must be unique'] },
    { name: 'no steps', text: 'steps: []', named: ['steps: expected at least one step'] },
    { name: 'a list', text: '[1]', named: ['the scenario: '] },
    { name: 'nothing', text: '', named: ['the scenario: '] },
    { name: 'a step that is no step', text: 'steps: [5]', named: ['steps[0]: '] },
    {
      name: 'a time after the end',
      text: 'steps:\n  - { at: +2m, fault: { kind: reset } }',
      named: ["steps[0].at: 2024-01-01T00:02:00.000Z lies after the market's end at 2024-01-01T00:01:00.000Z"],
    },
    {
      name: 'an account that must be named',
      text: 'steps:\n  - action: { kind: deposit, amount: "5" }',
      named: ['steps[0].action.accountId: is needed, there are alice, bob'],
    },
    {
      name: 'faults of form and of fact together',
      text: 'steps:\n  - fault: { kind: reset, accountId: carol }\n  - fault: { kind: reset, times: 0 }',
      named: ['2 fault(s)', 'steps[0].fault.accountId: there is no account carol', 'steps[1].fault.times: '],
    },
  ])('refuses $name', ({ text, named }) => {
    const message = violations(text);
    for (const part of named) expect(message).toContain(part);
  });

  it('refuses a file whose aliases would fill the memory', () => {
    const bomb = [
      'a0: &a0 [x]',
      ...[1, 2, 3, 4, 5].map(
        (n) =>
          `a${n}: &a${n} [${Array(9)
            .fill(`*a${n - 1}`)
            .join()}]`,
      ),
    ];
    expect(violations(bomb.join('\n'))).toContain('alias');
  });

  it('refuses a file that is not there', () => {
    expect(() => readScenarioFile(join(directory, 'none.yaml'), stage)).toThrow(/none\.yaml cannot be read/);
  });
});

describe('docs/faults.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/faults.md'), 'utf8');

  it('has a worked example that is a scenario', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    writeFileSync(join(directory, 'example.yaml'), example);
    const wide = { ...stage, accountIds: ['alice'], endMs: null };
    expect(readScenarioFile(join(directory, 'example.yaml'), wide).steps).toHaveLength(6);
  });

  it.each([...FaultKind.options, ...Action.options.map(({ shape }) => shape.kind.value)])('explains %s', (kind) => {
    expect(text).toContain(`\`${kind}\``);
  });
});

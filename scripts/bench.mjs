#!/usr/bin/env node
// npm run bench [name …]: runs bench/*.bench.ts one after another. Each prints one JSON document on its last line:
// {"name", "results": [{"metric", "value", "unit", "aim"?, "meetsAim"?, "note"?}]}. Writes bench/results/<time>.json and a table.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { giveUp, root, setUp, suiteEnvironment, suiteNode } from './setup.mjs';

setUp({ needsStores: true });
const wanted = process.argv.slice(2);
const folder = join(root, 'bench');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
  .sort();
if (files.length === 0) giveUp(`found no bench/*.bench.ts${wanted.length > 0 ? ` for ${wanted.join(', ')}` : ''}`);

const documentIn = (text) => {
  const last = text.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last);
  } catch {
    return null;
  }
};

const documents = [];
let isGood = true;
for (const file of files) {
  process.stdout.write(`${file} …\n`);
  const { status, stdout } = spawnSync(suiteNode(), [join(folder, file)], {
    cwd: root,
    env: suiteEnvironment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const document = documentIn(stdout ?? '');
  if (status === 0 && document !== null) documents.push(document);
  else {
    isGood = false;
    process.stdout.write(`${file} ended with ${status} and ${document === null ? 'no' : 'a'} result\n`);
  }
}

const rows = documents.flatMap(({ name, results }) =>
  results.map(({ metric, value, unit, aim, meetsAim, note }) => [
    name,
    metric,
    `${typeof value === 'number' ? Number(value.toPrecision(5)).toLocaleString('en-US') : value} ${unit ?? ''}`.trim(),
    aim ?? '',
    meetsAim === undefined ? '' : meetsAim ? 'yes' : 'no',
    note ?? '',
  ]),
);
const table = [['bench', 'metric', 'value', 'aim', 'met', 'note'], ...rows];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => String(row[column]).length)));
const lines = table.map((row) => `| ${row.map((cell, column) => String(cell).padEnd(widths[column])).join(' | ')} |`);
lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);

const machine = { platform: platform(), arch: arch(), cores: cpus().length, cpu: cpus()[0]?.model, memory: totalmem() };
mkdirSync(join(folder, 'results'), { recursive: true });
const base = join(folder, 'results', new Date().toISOString().replaceAll(':', '-').slice(0, 19));
writeFileSync(`${base}.json`, `${JSON.stringify({ machine, documents }, null, 2)}\n`);
writeFileSync(`${base}.md`, `${lines.join('\n')}\n`);
process.stdout.write(`\n${lines.join('\n')}\n\n${base}.json\n`);
process.exitCode = isGood ? 0 : 1;

/** The walls of the tree. `npm run check` runs them; a parse failure fails the check too. */
const arrows = {
  kernel: [],
  contracts: ['kernel'],
  'market-math': ['contracts', 'kernel'],
  regime: ['market-math', 'contracts', 'kernel'],
  'regime-lab': ['regime', 'market-math', 'contracts', 'kernel'],
  signals: ['market-math', 'contracts', 'kernel'],
  risk: ['market-math', 'contracts', 'kernel'],
  'event-bus': ['contracts', 'kernel'],
  database: ['contracts', 'kernel'],
  heavydb: ['contracts', 'kernel'],
  'exchange-client': ['contracts', 'kernel'],
  'service-kit': ['contracts', 'kernel'],
};
const tests = '(\\.test\\.ts$|/test/)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-service-to-service',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    { name: 'no-package-to-service', severity: 'error', from: { path: '^packages/' }, to: { path: '^services/' } },
    {
      name: 'simulator-stands-alone',
      comment: 'The venue that proves the executor shares no domain code with it.',
      severity: 'error',
      from: { path: '^services/exchange-simulator/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/(kernel|service-kit)/' },
    },
    {
      name: 'one-entry-per-package',
      severity: 'error',
      from: { path: '^(packages|services)/([^/]+)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: ['^packages/$2/', '^packages/[^/]+/src/index\\.ts$'] },
    },
    ...Object.entries(arrows).map(([name, allowed]) => ({
      name: `arrows-of-${name}`,
      severity: 'error',
      from: { path: `^packages/${name}/src/`, pathNot: tests },
      to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
    })),
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: [tests, '^packages/(testing|cli)/'] },
      to: { path: '^packages/testing/' },
    },
    {
      name: 'only-database-imports-pg',
      severity: 'error',
      from: { pathNot: '^packages/(database|testing)/' },
      to: { path: '^node_modules/pg/' },
    },
    {
      name: 'only-event-bus-and-exchange-client-import-ioredis',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: ['^packages/(event-bus|exchange-client|testing)/', tests] },
      to: { path: '^node_modules/(ioredis|bullmq)/' },
    },
    {
      name: 'only-heavydb-imports-its-connector',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: '^packages/heavydb/' },
      to: { path: '^node_modules/(@heavyai|thrift)/' },
    },
    {
      name: 'only-exchange-client-knows-the-venue',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: ['^packages/exchange-client/', tests] },
      to: { path: '^node_modules/binance-api-node/' },
    },
    {
      name: 'pure-places-do-no-io',
      severity: 'error',
      from: {
        path: '^(services/[^/]+/src/domain/|packages/(market-math|regime|regime-lab|signals|risk)/src/)',
        pathNot: tests,
      },
      to: {
        path: '^(fs|net|http|https|child_process|timers|node:fs|node:net|node:http|node:child_process|node:timers)|^node_modules/(ioredis|pg|axios|express|winston|ws)/|^packages/(event-bus|database|exchange-client|service-kit|testing|cli)/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.(types|runtime)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};

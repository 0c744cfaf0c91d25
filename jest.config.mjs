/** One configuration, four projects: `jest --selectProjects unit` and so on. Run through scripts/test.mjs, which brings its own Node. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.runtime/', '/\\.types/'],
};

const project = (displayName, testMatch, extra = {}) => ({
  ...shared,
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  ...extra,
});

export default {
  // Tests start whole processes: on a small machine that does other things too, jest's 5 s are over before the first has answered.
  testTimeout: 30_000,
  projects: [
    project('unit', ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'scripts/**/*.test.ts']),
    project('contract', ['packages/*/test/contract/**/*.test.ts', 'services/*/test/contract/**/*.test.ts']),
    project('integration', ['packages/*/test/integration/**/*.test.ts', 'services/*/test/integration/**/*.test.ts']),
    project('e2e', ['tests/e2e/**/*.test.ts']),
  ],
};

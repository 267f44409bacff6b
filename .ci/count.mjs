// Adds up the reports of Vitest and Playwright in one line, after the names of what failed. A runner that left no report counts as
// a failure.
import { existsSync, readFileSync } from 'node:fs';

const vitest = read('test-results/vitest.json');
const playwright = read('test-results/playwright.json');

const passed = (vitest?.numPassedTests ?? 0) + (playwright?.stats.expected ?? 0) + (playwright?.stats.flaky ?? 0);
const skipped = (vitest?.numPendingTests ?? 0) + (playwright?.stats.skipped ?? 0);
// A test file that does not even load has no failed test in it.
const inVitest = vitest ? vitest.numFailedTests || vitest.numFailedTestSuites : 1;
const inPlaywright = playwright ? playwright.stats.unexpected + playwright.errors.length : 1;
const failed = inVitest + inPlaywright;

// The runners print these too, but far above the end, where a log that is cut no longer has them.
for (const failure of [...failuresOfVitest(), ...failuresOfPlaywright()]) {
  console.log(`failed: ${failure}`);
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

function read(/** @type {string} */ path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** @returns {string[]} */
function failuresOfVitest() {
  if (!vitest) return ['Vitest left no report'];
  return vitest.testResults.flatMap((/** @type {any} */ file) => {
    const tests = file.assertionResults.filter((/** @type {any} */ { status }) => status === 'failed');
    if (tests.length === 0) return file.status === 'failed' ? [`${file.name}: ${file.message}`] : [];
    return tests.map((/** @type {any} */ test) => `${test.fullName}\n${test.failureMessages.join('\n')}`);
  });
}

/** @returns {string[]} */
function failuresOfPlaywright() {
  if (!playwright) return ['Playwright left no report'];
  // Its own: a file that does not load, a server that does not start.
  const own = playwright.errors.map((/** @type {any} */ { message }) => message);
  return [...own, ...playwright.suites.flatMap(failuresOfSuite)];
}

/** @returns {string[]} */
function failuresOfSuite(/** @type {any} */ suite) {
  const inside = (suite.suites ?? []).flatMap(failuresOfSuite);
  const failures = suite.specs.flatMap((/** @type {any} */ spec) =>
    spec.tests
      .filter((/** @type {any} */ { status }) => status === 'unexpected')
      .map((/** @type {any} */ test) => {
        const error = test.results.at(-1)?.error?.message ?? '';
        return `[${test.projectName}] ${spec.file}:${spec.line} ${spec.title}\n${error}`;
      }),
  );
  return [...inside, ...failures];
}

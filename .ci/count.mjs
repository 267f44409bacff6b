// Prints the failures of Vitest and Playwright, and the totals of both in one line. A missing report counts as a failure,
// as does a failure that no report contains. The argument is the exit status of npm test.
import { existsSync, readFileSync } from 'node:fs';

const vitest = read('test-results/vitest.json');
const playwright = read('test-results/playwright.json');

const passed = (vitest?.numPassedTests ?? 0) + (playwright?.stats.expected ?? 0) + (playwright?.stats.flaky ?? 0);
const skipped = (vitest?.numPendingTests ?? 0) + (playwright?.stats.skipped ?? 0);
// A test file that cannot be loaded has no failed tests.
const vitestFailed = vitest ? vitest.numFailedTests || vitest.numFailedTestSuites : 1;
const playwrightFailed = playwright ? playwright.stats.unexpected + playwright.errors.length : 1;
// Vitest reports no error outside its tests, for example a rejection that nothing handles.
const unreported = Number(process.argv[2] ?? 0) !== 0 && vitestFailed + playwrightFailed === 0;
const failed = vitestFailed + playwrightFailed + Number(unreported);

// The runners print these too, but far above the end of the log.
for (const failure of [...failuresOfVitest(), ...failuresOfPlaywright()]) {
  console.log(`failed: ${failure}`);
}
if (unreported) {
  console.log('failed: npm test, although no report contains a failure. Search its output for "Unhandled Errors".');
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

function read(/** @type {string} */ path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** @returns {string[]} */
function failuresOfVitest() {
  if (!vitest) return ['Vitest wrote no report'];
  return vitest.testResults.flatMap((/** @type {any} */ file) => {
    const tests = file.assertionResults.filter((/** @type {any} */ { status }) => status === 'failed');
    if (tests.length === 0) return file.status === 'failed' ? [`${file.name}: ${file.message}`] : [];
    return tests.map((/** @type {any} */ test) => `${test.fullName}\n${test.failureMessages.join('\n')}`);
  });
}

/** @returns {string[]} */
function failuresOfPlaywright() {
  if (!playwright) return ['Playwright wrote no report'];
  // Errors outside tests: a file that cannot be loaded, a server that does not start.
  const errors = playwright.errors.map((/** @type {any} */ { message }) => message);
  return [...errors, ...playwright.suites.flatMap(failuresOfSuite)];
}

/** @returns {string[]} */
function failuresOfSuite(/** @type {any} */ suite) {
  const nested = (suite.suites ?? []).flatMap(failuresOfSuite);
  const failures = suite.specs.flatMap((/** @type {any} */ spec) =>
    spec.tests
      .filter((/** @type {any} */ { status }) => status === 'unexpected')
      .map((/** @type {any} */ test) => {
        const error = test.results.at(-1)?.error?.message ?? '';
        return `[${test.projectName}] ${spec.file}:${spec.line} ${spec.title}\n${error}`;
      }),
  );
  return [...nested, ...failures];
}

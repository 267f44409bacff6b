// Adds up the reports of Vitest and Playwright in one line. A runner that left no report counts as a failure.
import { existsSync, readFileSync } from 'node:fs';

const vitest = read('test-results/vitest.json');
const playwright = read('test-results/playwright.json');

const passed = (vitest?.numPassedTests ?? 0) + (playwright?.stats.expected ?? 0) + (playwright?.stats.flaky ?? 0);
const skipped = (vitest?.numPendingTests ?? 0) + (playwright?.stats.skipped ?? 0);
// A test file that does not even load has no failed test in it.
const inVitest = vitest ? vitest.numFailedTests || vitest.numFailedTestSuites : 1;
const inPlaywright = playwright ? playwright.stats.unexpected + playwright.errors.length : 1;
const failed = inVitest + inPlaywright;

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

function read(/** @type {string} */ path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

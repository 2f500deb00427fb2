import { spawnSync } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roundOf, stepOf, viewOf } from '../../src/slack/fixtures/run-view.ts';
import type { Harness } from './slack-harness.ts';
import { CHANNEL, OPERATOR, startHarness } from './slack-harness.ts';

const executablePath = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
const missing = executablePath === '' ? ' (skipped: there is no chromium on the PATH)' : '';

/** What people do with the windows of the real handlers, in a real browser. */
describe.skipIf(executablePath === '')(`a person at the page${missing}`, () => {
  let harness: Harness;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    harness = await startHarness();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(5_000);
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(harness.slack.pageUrl);
    await harness.slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    await harness.shown('Runs exactly this:');
    await page.locator('#channel').getByText('replies').click();
    await page.getByRole('button', { name: /Approver/ }).click();
  });

  afterAll(async () => {
    await browser?.close();
    await harness?.[Symbol.asyncDispose]();
  });

  it('types the name of what a destructive change destroys, and reads the answer in the window when it is wrong', async () => {
    const { engine } = harness;
    const view = viewOf({ id: 'run1', rounds: [roundOf({ plan: { steps: [stepOf({ risk: 'destructive' })] } })] });
    engine.current = view;
    await engine.show(view);
    engine.refusals.push({ accepted: false, says: 'That is not its name: type nas.' });
    await page.locator('#thread').getByRole('button', { name: 'Approve…' }).click();
    const window = page.getByRole('dialog');
    await window.getByText('nas$ exportfs -ra').waitFor();
    await window.getByLabel('Type nas to approve').fill('nsa');
    await window.getByRole('button', { name: 'Approve' }).click();
    await window.getByText('That is not its name: type nas.').waitFor();
    await window.getByLabel('Type nas to approve').fill('nas');
    await window.getByRole('button', { name: 'Approve' }).click();
    await window.waitFor({ state: 'detached' });
    await page.locator('#thread').getByText('done and verified').first().waitFor();
    expect(engine.decided.map(({ typed }) => typed)).toEqual(['nsa', 'nas']);
  });

  it('writes why a change is denied, and everybody reads it at the step', async () => {
    const { engine } = harness;
    const view = viewOf({ id: 'run1' });
    engine.current = view;
    await engine.show(view);
    await page.locator('#thread').getByRole('button', { name: 'Deny…' }).click();
    const window = page.getByRole('dialog');
    await window.getByRole('button', { name: 'Deny' }).click();
    await window.getByText('Please complete this required field.').waitFor();
    await window.getByLabel('Why it must not be made').fill('<!channel> is the wrong host');
    await window.getByRole('button', { name: 'Deny' }).click();
    await window.waitFor({ state: 'detached' });
    await page.locator('#thread').getByText('<!channel> is the wrong host').waitFor();
    expect(engine.decided.at(-1)).toMatchObject({ verdict: 'deny', reason: '<!channel> is the wrong host' });
    expect(
      await page
        .locator('#thread')
        .getByRole('button', { name: /Approve|Deny/ })
        .count(),
    ).toBe(0);
  });

  it('sees no error of the page', () => {
    expect(faults).toEqual([]);
  });
});

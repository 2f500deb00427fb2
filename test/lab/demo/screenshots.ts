import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { peer } from '../../peers.ts';
import { scenarioNamed } from '../scenarios/index.ts';
import { setStage } from './stage.ts';

/** `node test/lab/demo/screenshots.ts` takes the pictures of the README anew, from a real run. */
const browserPeer = peer('chromium');
if (!browserPeer.found) throw new Error(browserPeer.reason);

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const stage = await setStage({ scenario: scenarioNamed('stale-handle'), speed: 10 });
const browser = await chromium.launch({ executablePath: browserPeer.path, args: ARGUMENTS });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1180 }, colorScheme: 'light' });
  await page.goto(stage.slack.pageUrl);
  await page.locator('#channel textarea').fill('/storage diagnose nfs immich');
  await page.keyboard.press('Enter');
  await page.locator('button.row', { hasText: /^AApprover/ }).click();
  const approve = page.locator('#thread').getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  await picture(page, 'approve');
  await approve.click();
  await page
    .locator('#dialogs')
    .getByRole('button', { name: /approve/i })
    .last()
    .click();
  await page.locator('#thread').getByText('Round 2').first().waitFor({ timeout: 60_000 });
  await picture(page, 'verified');
} finally {
  await browser.close();
  await stage.stop();
}

/** The end of the thread, as somebody who follows it sees it. */
async function picture(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(2_500);
  const path = fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url));
  await page.screenshot({ path });
  console.log(`docs/images/${name}.png`);
}

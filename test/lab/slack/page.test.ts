import { spawnSync } from 'node:child_process';
import type { BlockButtonAction } from '@slack/bolt';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBot } from './testing.ts';
import { APPROVER, approvalBlocks, OPERATOR, OPS, startTestBot } from './testing.ts';

const executablePath = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const missing = executablePath === '' ? ' (skipped: there is no chromium on the PATH)' : '';

describe.skipIf(executablePath === '')(`the page, in a real browser${missing}`, () => {
  let bot: TestBot;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    bot = await startTestBot((app) => {
      app.command('/storage', async ({ ack, command, client }) => {
        await ack(`Looking at \`${command.text}\`.`);
        const root = await client.chat.postMessage({ channel: OPS, text: 'NFS *immich* &lt;script&gt;' });
        await client.chat.postMessage({ channel: OPS, thread_ts: String(root.ts), text: 'decide', blocks: approvalBlocks('r1') });
        await client.files.uploadV2({
          channel_id: OPS,
          thread_ts: String(root.ts),
          filename: 'log.txt',
          content: 'first line\nlast line',
        });
      });
      app.action<BlockButtonAction>('approve', async ({ ack, body, client }) => {
        await ack();
        const view = {
          type: 'modal' as const,
          callback_id: 'typed',
          private_metadata: body.message?.ts ?? '',
          title: { type: 'plain_text' as const, text: 'Really?' },
          submit: { type: 'plain_text' as const, text: 'Destroy' },
          blocks: [
            {
              type: 'input' as const,
              block_id: 'name',
              label: { type: 'plain_text' as const, text: 'Type the name' },
              element: { type: 'plain_text_input' as const, action_id: 'typed' },
            },
          ],
        };
        await client.views.open({ trigger_id: body.trigger_id, view });
      });
      app.view('typed', async ({ ack, view, client, body }) => {
        if (view.state.values['name']?.['typed']?.value !== 'immich')
          return ack({ response_action: 'errors', errors: { name: 'Another name.' } });
        await ack();
        await client.chat.update({ channel: OPS, ts: view.private_metadata, text: `approved by <@${body.user.id}>`, blocks: [] });
      });
    });
    browser = await chromium.launch({ executablePath, args: ARGUMENTS });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(5_000);
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(bot.slack.pageUrl);
  });

  afterAll(async () => {
    await browser?.close();
    await bot?.stop();
  });

  it('completes a slash command and shows its answer to this person, and the thread of the bot by itself', async () => {
    const composer = page.getByPlaceholder('Message #storage-ops');
    await composer.fill('/sto');
    await page.getByRole('option', { name: /^\/storage/ }).waitFor();
    await composer.press('Tab');
    expect(await composer.inputValue()).toBe('/storage ');
    await composer.pressSequentially('diagnose nfs immich');
    await composer.press('Enter');
    await page.getByText('Only visible to you').waitFor();
    await page.locator('#channel').getByText('2 replies').waitFor();
    expect(await page.locator('#channel .ephemeral code').textContent()).toBe('diagnose nfs immich');
    expect(await page.locator('#thread .message').first().locator('.text').textContent()).toBe('NFS immich <script>');
  });

  it('shows a file folded and whole', async () => {
    const file = page.locator('#thread .file');
    expect(await file.locator('pre').isVisible()).toBe(false);
    await file.locator('summary').click();
    expect(await file.locator('pre').textContent()).toBe('first line\nlast line');
  });

  it('asks before a button with a confirmation, and does nothing when the person cancels', async () => {
    await page.locator('#thread').getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByText('It will restart the pod.').waitFor();
    await page.getByRole('button', { name: 'Not yet' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(bot.slack.views(APPROVER)).toEqual([]);
  });

  it('acts as another person, shows the errors of a form, and shows the update', async () => {
    await page.getByRole('button', { name: /Approver/ }).click();
    await page.getByText('Only visible to you').waitFor({ state: 'detached' });
    await page.locator('#thread').getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByLabel('Type the name').fill('imich');
    await page.getByRole('button', { name: 'Destroy' }).click();
    await page.getByText('Another name.').waitFor();
    await page.getByLabel('Type the name').fill('immich');
    await page.getByRole('button', { name: 'Destroy' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('#thread').getByText('(edited)').waitFor();
    expect(await page.locator('#thread .text', { hasText: 'approved by' }).textContent()).toBe('approved by @Approver (edited)');
  });

  it('refuses a command inside a thread, and sends what is said there', async () => {
    const reply = page.getByPlaceholder('Reply…');
    await reply.fill('/storage help');
    await reply.press('Enter');
    await page.locator('#thread').getByText('is not supported in threads').waitFor();
    await reply.fill('thank you');
    await reply.press('Enter');
    await page.locator('#thread').getByText('thank you').waitFor();
    const [root] = bot.slack.messages(OPS);
    expect(bot.slack.messages(OPS, root?.ts).at(-1)).toMatchObject({ user: APPROVER, text: 'thank you' });
  });

  it('opens at the permalink of a message', async () => {
    const [root] = bot.slack.messages(OPS);
    const { permalink = '' } = await bot.app.client.chat.getPermalink({ channel: OPS, message_ts: root?.ts ?? '' });
    await page.goto(permalink);
    await page.locator('#thread').getByText('thank you').waitFor();
    expect(bot.slack.ephemerals(OPS, OPERATOR)).toHaveLength(1);
  });

  it('raises no error', () => {
    expect(faults).toEqual([]);
  });
});

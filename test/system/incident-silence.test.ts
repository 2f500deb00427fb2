import { describe, expect, it } from 'vitest';
import { SILENCE } from '../../src/slack/incident-buttons.ts';
import { addApps } from '../lab/site/outage.ts';
import { peer } from '../peers.ts';
import { openIncidentStand } from './incident-stand.ts';
import { CHANNEL, OPERATOR, until } from './product.ts';
import { startAlertmanager } from './real-alertmanager.ts';

const alertmanager = peer('alertmanager');

const WELL = { name: 'many-pods', says: 'Nothing is the matter.', prepare: addApps };
const NAME = 'VaultwardenBackupStale';
describe.skipIf(!alertmanager.found)(
  'the bot beside a real Alertmanager that only writes in a channel',
  { timeout: 120_000 },
  () => {
    it('learns from its message what fires, silences it by a button, and is told by another message that it is over', async () => {
      await using real = await startAlertmanager(alertmanager.found ? alertmanager.path : '');
      await using stand = await openIncidentStand(WELL, { alertmanager: { url: real.url }, watch: { channels: [CHANNEL] } });
      const { product, messages } = stand;
      const { slack } = product;
      const roots = () => messages().map((message) => ({ ts: message.ts, text: slack.text(message) }));
      const incident = () => roots().find(({ text }) => text.includes(NAME) && text.includes('incident '));
      await product.boot();
      const labels = { alertname: NAME, namespace: 'vaultwarden', cronjob: 'vaultwarden-backup', severity: 'critical' };
      await real.fire(labels);
      const titleLink = `${real.url}/#/alerts?receiver=slack-critical`;
      const post = (title: string) =>
        slack.postFromApp({ app: 'alertmanager', channel: CHANNEL, title, titleLink, text: '• old' });
      await post(`[CRITICAL] ${NAME} (1)`);
      await until('there is an incident', () => incident() !== undefined);
      await until('it was looked at', () => /Diagnosis: (?!not begun|looking)/.test(incident()?.text ?? ''));

      await slack.press(OPERATOR, incident()?.ts ?? '', CHANNEL, SILENCE);
      await until('the window is open', () => slack.views(OPERATOR).length === 1);
      await slack.submit(OPERATOR, { 'how-long': 'for 4h', reason: 'the NAS is being moved' });
      await expect.poll(real.silences, { timeout: 20_000 }).toHaveLength(1);
      expect(await real.silences()).toMatchObject([
        { status: { state: 'active' }, createdBy: expect.stringContaining('operator'), comment: 'the NAS is being moved' },
      ]);
      const [silence] = await real.silences();
      expect(silence?.matchers.map(({ name, value }) => `${name}=${value}`).toSorted()).toEqual([
        `alertname=${NAME}`,
        'cronjob=vaultwarden-backup',
        'namespace=vaultwarden',
      ]);

      await real.fire(labels, new Date());
      await post(`[RESOLVED] ${NAME} (1)`);
      await until('the incident is over', () => incident()?.text.includes('over: all its alerts have ended') === true);
      expect(roots().filter(({ text }) => text.includes('incident '))).toHaveLength(1);
    });

    it('shows who else would be muted, and then makes no silence before somebody approves it in the thread', async () => {
      await using real = await startAlertmanager(alertmanager.found ? alertmanager.path : '');
      await using stand = await openIncidentStand(WELL, { alertmanager: { url: real.url }, watch: { channels: [CHANNEL] } });
      const { product, messages } = stand;
      const { slack } = product;
      const incident = () =>
        messages().find((message) =>
          /incident .*VaultwardenBackupStale|VaultwardenBackupStale.*incident /s.test(slack.text(message)),
        );
      await product.boot();
      const labels = { alertname: NAME, namespace: 'vaultwarden', cronjob: 'vaultwarden-backup', severity: 'critical' };
      await real.fire(labels);
      const titleLink = `${real.url}/#/alerts?receiver=slack-critical`;
      await slack.postFromApp({
        app: 'alertmanager',
        channel: CHANNEL,
        title: `[CRITICAL] ${NAME} (1)`,
        titleLink,
        text: '• old',
      });
      await until('there is an incident', () => incident() !== undefined);
      await until('it was looked at', () => /Diagnosis: (?!not begun|looking)/.test(slack.text(incident()!)));

      await real.fire({ ...labels, zone: 'another' });
      await slack.press(OPERATOR, incident()?.ts ?? '', CHANNEL, SILENCE);
      await until('the window is open', () => slack.views(OPERATOR).length === 1);
      expect(JSON.stringify(slack.views(OPERATOR)[0])).toContain('+1 other that fires now and is not of this incident');
      await slack.submit(OPERATOR, { 'how-long': 'for 4h' });
      const thread = () => slack.messages(CHANNEL, incident()?.ts ?? '');
      await until('the run waits', () =>
        thread().some((message) => slack.text(message).includes('It mutes 2 alerts that fire now')),
      );
      await slack.waitFor((message) => slack.text(message).includes('is not of this incident would be muted'), 10_000);
      expect(await real.silences()).toEqual([]);
    });
  },
);

import { App, LogLevel } from '@slack/bolt';

/** The least that Bolt can do: one listener that repeats what was typed. */
const app = new App({
  token: process.env['BENCH_BOT_TOKEN'] ?? '',
  appToken: process.env['BENCH_APP_TOKEN'] ?? '',
  socketMode: true,
  clientOptions: { slackApiUrl: process.env['BENCH_API_URL'] ?? '' },
  logLevel: LogLevel.ERROR,
});
app.command('/storage', async ({ command, ack }) => ack({ response_type: 'ephemeral', text: command.text }));
await app.start();
console.log('ready');

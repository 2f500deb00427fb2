import { type LabSlack, startLabSlack } from '../../test/lab/slack/index.ts';
import { serve } from '../remote.ts';

const OPERATOR = 'U0OPERATOR';
const CHANNELS = Array.from({ length: 100 }, (_, index) => ({ id: `C0BENCH${100 + index}`, name: `bench-${index}` }));

/** Slack, in a process of its own, with a workspace for each app that is compared. */
const workspaces: LabSlack[] = [];

export interface Workspace {
  readonly id: number;
  readonly apiUrl: string;
  readonly appToken: string;
  readonly botToken: string;
}

const calls = {
  async open(rateLimits = false): Promise<Workspace> {
    const users = [{ id: OPERATOR, name: 'operator', label: 'Operator' }];
    const slack = await startLabSlack({ users, channels: CHANNELS, rateLimits });
    const { apiUrl, appToken, botToken } = slack;
    return { id: workspaces.push(slack) - 1, apiUrl, appToken, botToken };
  },
  /** Types a command in as many channels at once. Returns the milliseconds until each was acknowledged. */
  async atOnce(id: number, text: string, count: number): Promise<number[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => acknowledged(workspace(id), text, index)));
  },
  /** The same, one after the other. */
  async inTurn(id: number, text: string, count: number): Promise<number[]> {
    const taken: number[] = [];
    for (let index = 0; index < count; index += 1) taken.push(await acknowledged(workspace(id), text, index));
    return taken;
  },
  /** How many times the app has called the Web API. */
  async callsOf(id: number): Promise<number> {
    return workspace(id).calls.length;
  },
  /** What the first message of each thread of the channel says now. */
  async threads(id: number, channel: string): Promise<string[]> {
    const slack = workspace(id);
    return slack.messages(channel).map(slack.text);
  },
  /** How many calls were refused because they came too soon. */
  async refusedAsTooSoon(id: number): Promise<number> {
    return workspace(id).calls.filter(({ result }) => result === 'HTTP 429').length;
  },
};

export type SlackCalls = typeof calls;

serve(calls, async () => void (await Promise.all(workspaces.map((slack) => slack.stop()))));

async function acknowledged(slack: LabSlack, text: string, index: number): Promise<number> {
  const { ok, ackMs, error } = await slack.command(OPERATOR, CHANNELS[index % CHANNELS.length]?.id ?? '', text);
  if (!ok) throw new Error(`"${text}" was not acknowledged: ${error}`);
  return ackMs;
}

function workspace(id: number): LabSlack {
  const slack = workspaces[id];
  if (slack === undefined) throw new Error(`There is no workspace ${id}`);
  return slack;
}

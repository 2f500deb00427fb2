import { BOT_USER, SLACKBOT } from './ids.ts';
import { dismissModal, submitModal } from './modals.ts';
import type { Lab } from './operator.ts';
import { openHome, postFromApp, pressInMessage, pressInView, runCommand, say } from './operator.ts';
import type { LabMessage, Workspace } from './state.ts';
import { plainText } from './text.ts';

/** What the script of a test or of the demo makes people do. */
export function people(lab: Lab) {
  return {
    command: (user: string, channel: string, text: string) => runCommand(lab, { user, channel, text }),
    press: (user: string, ts: string, channel: string, actionId: string, value?: string) =>
      pressInMessage(lab, { user, actionId, ...(value === undefined ? {} : { value }) }, { channel, ts }),
    pressInView: (user: string, viewId: string, actionId: string, value?: string) =>
      pressInView(lab, { user, actionId, ...(value === undefined ? {} : { value }) }, viewId),
    submit: (user: string, values: Readonly<Record<string, string>>) => submitModal(lab, user, values),
    dismiss: (user: string) => dismissModal(lab, user),
    postFromApp: (posted: Parameters<typeof postFromApp>[1]) => postFromApp(lab, posted),
    say: (user: string, channel: string, text: string, threadTs?: string) =>
      say(lab, { user, channel, text, ...(threadTs === undefined ? {} : { threadTs }) }),
    openHome: (user: string) => openHome(lab, user),
  };
}

/** What such a script looks at. */
export function looking(lab: Lab) {
  const { workspace } = lab;
  const idOf = (channel: string): string => workspace.channel(channel)?.id ?? channel;
  const nameOf = (id: string): string => {
    const names: Readonly<Record<string, string>> = { [BOT_USER]: lab.botName, [SLACKBOT]: 'Slackbot' };
    return names[id] ?? workspace.user(id)?.label ?? workspace.channel(id)?.name ?? id;
  };
  return {
    messages: (channel: string, threadTs?: string) =>
      workspace.messages.filter((message) => {
        if (message.channel !== idOf(channel) || message.visibleTo !== undefined) return false;
        const isRoot = message.threadTs === undefined || message.threadTs === message.ts;
        return threadTs === undefined ? isRoot : message.ts === threadTs || message.threadTs === threadTs;
      }),
    ephemerals: (channel: string, user: string) =>
      workspace.messages.filter((message) => message.channel === idOf(channel) && message.visibleTo === user),
    views: (user: string) => workspace.views(user),
    home: (user: string) => workspace.home(user),
    waitFor: (predicate: (message: LabMessage) => boolean, timeoutMs: number) => waitFor(workspace, predicate, timeoutMs),
    text: (message: LabMessage) => plainText(message, nameOf),
  };
}

function waitFor(workspace: Workspace, predicate: (message: LabMessage) => boolean, timeoutMs: number): Promise<LabMessage> {
  const present = workspace.messages.find(predicate);
  if (present !== undefined) return Promise.resolve(present);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unsubscribe();
      reject(new Error(`No such message within ${timeoutMs} ms.`));
    }, timeoutMs);
    const unsubscribe = workspace.subscribe((change) => {
      if (change.kind !== 'message' || !predicate(change.message)) return;
      clearTimeout(timer);
      unsubscribe();
      resolve(change.message);
    });
  });
}
